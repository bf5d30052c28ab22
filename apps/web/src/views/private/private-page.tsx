'use client';
import { QueryClientProvider } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { IconButton } from '../../ui/button';
import { Notice } from '../../ui/notice';
import { type Place, placeHref } from '../data/place';
import { createQueryClient } from '../data/query-client';
import { TracePage } from '../trace/trace-page';
import { CapturePage } from '../traces/capture-page';
import { WorkspacePage } from '../workspaces/workspace-page';
import { ChooseFiles } from './choose-files';
import { FragmentState } from './fragment-state';
import { goPrivately, type PrivateView, privateAddress, useFragment } from './private-address';
import { ChangeProtocols } from './private-bar';
import styles from './private-page.module.css';
import { forgetProblem, holds, type PrivateSession, prepare, usePrivateSession } from './private-session';
import { ProtocolsDialog } from './protocols-dialog';
import { ReadingPage } from './reading-page';

/** All pages of private places: which one stands behind the `#` of the address. */
export function PrivatePage() {
  const session = usePrivateSession();
  const view = privateAddress(useFragment());
  const { opened, looking } = session;
  // Stays open while what it changed is read.
  const [choosing, setChoosing] = useState(false);
  useEffect(prepare, []);
  // Files that were chosen on another page were opened before this one came.
  const atDoor = view === undefined;
  const place = opened?.place;
  useEffect(() => {
    if (atDoor && place !== undefined) goPrivately(placeHref({ ...place, isPrivate: true }), 'replaceState');
  }, [atDoor, place]);
  const held = opened !== undefined && view !== undefined && holds(session, view.place);
  const reading = opened !== undefined && !opened.ready && (held || atDoor);
  return (
    <ChangeProtocols value={useCallback(() => setChoosing(true), [])}>
      {held && opened.ready ? (
        <>
          <PlacePages key={opened.reading} view={view} />
          <OtherProblem problem={session.problem} />
        </>
      ) : reading || looking ? (
        <ReadingPage session={session} />
      ) : (
        <ChooseFiles again={!atDoor} problem={session.problem} />
      )}
      <ProtocolsDialog open={choosing} onOpenChange={setChoosing} />
    </ChangeProtocols>
  );
}

/** What is answered about private files is kept apart from what the server says, and goes when they are read anew. */
function PlacePages({ view }: { readonly view: PrivateView }) {
  const { kind, id } = view.place;
  const place = useMemo((): Place => ({ kind, id, isPrivate: true }), [kind, id]);
  const { span } = view;
  const [client] = useState(() => createQueryClient('always'));
  return (
    <QueryClientProvider client={client}>
      <FragmentState>
        {span !== undefined ? (
          <TracePage key={span} place={place} span={span} />
        ) : place.kind === 'captures' ? (
          <CapturePage key={place.id} place={place} />
        ) : (
          <WorkspacePage key={place.id} place={place} />
        )}
      </FragmentState>
    </QueryClientProvider>
  );
}

/** Why other files, chosen while these are shown, could not be opened. What is wrong with a module its dialog says. */
function OtherProblem({ problem }: { readonly problem: PrivateSession['problem'] | undefined }) {
  if (problem === undefined || problem.code === 'bad-module') return null;
  const dismiss = (
    <IconButton label="Dismiss" onClick={forgetProblem}>
      <X size={14} />
    </IconButton>
  );
  return (
    <div className={styles.problem}>
      <Notice tone="danger" title="It could not be opened" action={dismiss}>
        {problem.message}
      </Notice>
    </div>
  );
}
