'use client';
import { Lock } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useCallback } from 'react';
import { FileChooser } from '../../ui/file-chooser';
import { PRIVATE_PAGE } from '../data/place';
import { openPrivately } from './private-session';
import { PRIVATE_MEANS } from './private-words';

/** Reads files in this tab and goes to where they are shown. */
export function useOpenPrivately(): (files: Iterable<File>) => void {
  const router = useRouter();
  return useCallback(
    (files) => {
      const chosen = [...files];
      if (chosen.length === 0) return;
      openPrivately(chosen);
      if (window.location.pathname !== PRIVATE_PAGE) router.push(PRIVATE_PAGE);
    },
    [router],
  );
}

interface OpenPrivatelyProps {
  readonly kind?: 'primary' | 'plain';
  readonly testId?: string;
  readonly text?: string;
}

export function OpenPrivately({
  kind = 'plain',
  testId = 'private-input',
  text = 'Open privately…',
}: OpenPrivatelyProps) {
  const open = useOpenPrivately();
  return (
    <FileChooser kind={kind} icon={<Lock size={14} />} title={PRIVATE_MEANS} testId={testId} onFiles={open}>
      {text}
    </FileChooser>
  );
}
