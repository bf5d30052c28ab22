import { Scissors } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { RawEvent } from '../../../api/contract';
import { CopyButton } from '../../../ui/copy-button';
import { Segmented } from '../../../ui/segmented';
import { formatBytes } from '../../format/quantity';
import { decodeBase64, hexRows } from './hex-rows';
import styles from './payload-view.module.css';

/** Bytes drawn at the most; all are copied. */
const SHOWN_BYTES = 16 * 1024;

/** Payload of some events, one after the other; each place where the capture cut is marked. */
export function PayloadView({ events }: { readonly events: readonly RawEvent[] }) {
  const [form, setForm] = useState<'hex' | 'text'>('hex');
  const parts = useMemo(() => events.map((event) => ({ event, bytes: decodeBase64(event.payload) })), [events]);
  const total = parts.reduce((sum, part) => sum + part.bytes.length, 0);
  return (
    <div className={styles.view}>
      <div className={styles.head}>
        <Segmented
          label="Form of the bytes"
          value={form}
          options={[
            { value: 'hex', text: 'Hex' },
            { value: 'text', text: 'Text' },
          ]}
          onChange={setForm}
        />
        <span className={styles.total}>{formatBytes(total)} captured</span>
        <CopyButton what="payload" text={() => parts.map(({ bytes }) => copyOf(bytes, form)).join('\n')} />
      </div>
      {parts.map(({ event, bytes }) => (
        <div key={event.ordinal}>
          <Payload bytes={bytes.subarray(0, SHOWN_BYTES)} form={form} />
          {event.result > bytes.length && (
            <p className={styles.cut} data-testid="truncated">
              <Scissors size={12} /> {formatBytes(bytes.length)} of {formatBytes(event.result)} captured; the rest was
              cut by the payload limit
            </p>
          )}
        </div>
      ))}
    </div>
  );
}

function Payload({ bytes, form }: { readonly bytes: Uint8Array; readonly form: 'hex' | 'text' }) {
  if (bytes.length === 0) return null;
  if (form === 'text') return <pre className={styles.text}>{textOf(bytes)}</pre>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must be able to reach it
    <pre className={styles.hex} tabIndex={0}>
      {hexRows(bytes).map((row) => (
        <span key={row.offset} className={styles.row}>
          <i>{row.offset}</i>
          <span>{row.hex}</span>
          <b>{row.ascii}</b>
        </span>
      ))}
    </pre>
  );
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function copyOf(bytes: Uint8Array, form: 'hex' | 'text'): string {
  if (form === 'text') return textOf(bytes);
  return hexRows(bytes)
    .map((row) => `${row.offset}  ${row.hex.padEnd(49)}  ${row.ascii}`)
    .join('\n');
}
