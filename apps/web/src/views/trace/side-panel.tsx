import { X } from 'lucide-react';
import { IconButton } from '../../ui/button';
import { Segmented } from '../../ui/segmented';
import type { Place } from '../data/place';
import { usePlace } from '../data/workspace-queries';
import { EvidencePanel } from './evidence/evidence-panel';
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
  readonly tab: 'details' | 'bytes';
  readonly onSpan: (node: SpanNode) => void;
  readonly onEvidence: (node: SpanNode) => void;
  readonly onBytes: (node: SpanNode) => void;
  readonly onClose: () => void;
}

/** What is known about the selection: why it is there, what it was, the bytes behind it. */
export function SidePanel(props: SidePanelProps) {
  const { place, model, selectedSpan, selectedEdge, tab, onSpan, onEvidence, onBytes, onClose } = props;
  const { capture } = usePlace(place);
  const node = selectedEdge ?? selectedSpan;
  const shown = selectedEdge ? 'evidence' : tab;
  return (
    <aside className={styles.panel} aria-label={node ? 'About the selection' : 'About this trace'}>
      <header className={styles.head}>
        {node === undefined ? (
          <h2 className={styles.title}>This trace</h2>
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
            <IconButton label="Let go of the selection" keys="Esc" onClick={onClose}>
              <X size={16} />
            </IconButton>
          </>
        )}
      </header>
      <div className={styles.body} key={`${node?.id} ${shown}`}>
        {node === undefined && <TraceOverview place={place} model={model} onSpan={onSpan} onEvidence={onEvidence} />}
        {node && shown === 'evidence' && <EvidencePanel model={model} child={node} capture={capture} onSpan={onSpan} />}
        {node && shown === 'details' && <SpanDetails model={model} node={node} onEvidence={onEvidence} />}
        {node && shown === 'bytes' && <SpanBytes place={place} node={node} />}
      </div>
    </aside>
  );
}
