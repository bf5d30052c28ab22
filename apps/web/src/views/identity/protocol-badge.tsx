import { protocolColour } from './hue';
import styles from './protocol-badge.module.css';

const SHORT: Readonly<Record<string, string>> = { postgresql: 'postgres', http2: 'http/2' };

export function ProtocolBadge({ protocol }: { readonly protocol: string }) {
  return (
    <span className={styles.badge} style={{ '--hue': protocolColour(protocol) }} title={protocol}>
      {SHORT[protocol] ?? protocol}
    </span>
  );
}
