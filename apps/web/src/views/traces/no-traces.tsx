import { SearchX } from 'lucide-react';
import type { CaptureDetail } from '../../api/contract';
import { Button } from '../../ui/button';
import { isGrowing } from '../data/queries';
import styles from './no-traces.module.css';

interface NoTracesProps {
  readonly capture: CaptureDetail;
  readonly filtered: boolean;
  readonly onClear: () => void;
}

/** Why the list is empty, as far as the coverage tells. */
export function NoTraces({ capture, filtered, onClear }: NoTracesProps) {
  return (
    <div className={styles.empty} data-testid="no-traces">
      <SearchX size={24} />
      <p className={styles.title}>{filtered ? 'No trace fits these filters' : 'No traces'}</p>
      {filtered ? <Button onClick={onClear}>Clear filters</Button> : <p>{reasonOf(capture)}</p>}
    </div>
  );
}

function reasonOf(capture: CaptureDetail): string {
  if (capture.state === 'failed') return 'The capture could not be read; the reason stands above.';
  if (isGrowing(capture.state)) return 'Nothing has been read yet. Traces appear here as soon as they are found.';
  const coverage = capture.coverage;
  if (coverage === undefined || coverage.events === 0) {
    return 'The capture holds no events. Check that the programs you meant were named by --pid, --comm or --port.';
  }
  if (coverage.opaqueTlsSockets > 0) return 'The connections seen carry TLS, so no request could be read from them.';
  if (coverage.unknownSockets > 0) return 'Payload was seen, but in no protocol that Causeway reads.';
  return 'Events were seen, but none carried a request. Perhaps nothing was asked of the program while it was recorded.';
}
