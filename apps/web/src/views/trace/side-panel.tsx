import type { SpanLink } from '@causeway/core';
import { X } from 'lucide-react';
import { IconButton } from '../../ui/button';
import { Segmented } from '../../ui/segmented';
import type { Place } from '../data/place';
import { usePlace } from '../data/workspace-queries';
import { EvidencePanel } from './evidence/evidence-panel';
import { LinkEvidence } from './evidence/link-evidence';
import { linkName } from './graph/queue-ends';
import { TraceOverview } from './overview/trace-overview';
import styles from './side-panel.module.css';
import { SpanBytes } from './span-details/span-bytes';
import { SpanDetails } from './span-details/span-details';
import type { SpanNode, TraceModel } from './trace-model';

interface SidePanelProps {
  readonly place: Place;
  readonly model: TraceModel;
  readonly selectedSpan: SpanNode | undefined;
  readonly selectedEdge: SpanNode | undefined;
  readonly selectedLink: SpanLink | undefined;
  readonly tab: 'details' | 'bytes';
  readonly onSpan: (node: SpanNode) => void;
  readonly onEvidence: (node: SpanNode) => void;
  readonly onBytes: (node: SpanNode) => void;
  readonly onLink: (link: SpanLink) => void;
  /** Related trees that were left out are shown beside the trace. */
  readonly others: boolean;
  readonly onOthers: (others: boolean) => void;
  /** Such trees that there was no room for. */
  readonly hiddenOthers: number;
  readonly onClose: () => void;
}

/** What is known about the selection: why it is there, what it was, the bytes behind it. */
export function SidePanel(props: SidePanelProps) {
  const { place, model, selectedSpan, selectedEdge, selectedLink, tab, onSpan, onEvidence, onBytes, onClose } = props;
  const { capture } = usePlace(place);
  const node = selectedEdge ?? selectedSpan;
  const shown = selectedEdge ? 'evidence' : tab;
  const close = (
    <IconButton label="Let go of the selection" keys="Esc" onClick={onClose}>
      <X size={16} />
    </IconButton>
  );
  return (
    <aside className={styles.panel} aria-label={node || selectedLink ? 'About the selection' : 'About this trace'}>
      <header className={styles.head}>
        {node === undefined ? (
          <>
            <h2 className={styles.title}>{selectedLink ? 'Message through a queue' : 'This trace'}</h2>
            {selectedLink && close}
          </>
        ) : (
          <>
            <Segmented
              label="About the selection"
              value={shown}
              options={[
                { value: 'evidence', text: 'Why', testId: 'tab-evidence' },
                { value: 'details', text: 'Details', testId: 'tab-details' },
                { value: 'bytes', text: 'Bytes', testId: 'tab-bytes' },
              ]}
              onChange={(next) => {
                if (next === 'evidence') onEvidence(node);
                else if (next === 'details') onSpan(node);
                else onBytes(node);
              }}
            />
            {close}
          </>
        )}
      </header>
      <div className={styles.body} key={`${node?.id ?? (selectedLink && linkName(selectedLink))} ${shown}`}>
        {node === undefined && selectedLink && (
          <LinkEvidence place={place} model={model} link={selectedLink} onSpan={onSpan} />
        )}
        {node === undefined && selectedLink === undefined && <TraceOverview {...props} />}
        {node && shown === 'evidence' && (
          <EvidencePanel place={place} model={model} child={node} capture={capture} onSpan={onSpan} />
        )}
        {node && shown === 'details' && <SpanDetails model={model} node={node} onEvidence={onEvidence} />}
        {node && shown === 'bytes' && <SpanBytes place={place} node={node} />}
      </div>
    </aside>
  );
}
