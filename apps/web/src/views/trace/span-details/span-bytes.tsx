import { useState } from 'react';
import type { RawEvent } from '../../../api/contract';
import { Segmented } from '../../../ui/segmented';
import { Skeleton } from '../../../ui/skeleton';
import type { Place } from '../../data/place';
import { useSpanEvents } from '../../data/queries';
import { formatPlural } from '../../format/quantity';
import type { SpanNode } from '../trace-model';
import { EventTable } from './event-table';
import { PayloadView } from './payload-view';
import styles from './span-bytes.module.css';

interface SpanBytesProps {
  readonly place: Place;
  readonly node: SpanNode;
}

/** The kernel events behind a span, and the bytes they moved. */
export function SpanBytes({ place, node }: SpanBytesProps) {
  const events = useSpanEvents(place, node.id);
  const [half, setHalf] = useState<RawEvent['half']>('request');
  const [chosen, setChosen] = useState<number | null>(null);
  if (events.isPending) return <Skeleton rows={6} />;
  if (events.error) {
    return (
      <p className={styles.message} role="alert">
        {events.error.message}
      </p>
    );
  }
  const counts = { request: 0, response: 0 };
  for (const event of events.data.events) counts[event.half] += 1;
  const shown = events.data.events.filter((event) => event.half === half);
  const payloadOf = chosen === null ? shown : shown.filter((event) => event.ordinal === chosen);
  return (
    <div className={styles.bytes} data-testid="span-bytes">
      <Segmented
        label="Half of the exchange"
        value={half}
        options={[
          { value: 'request', text: `Request (${counts.request})`, testId: 'bytes-request' },
          { value: 'response', text: `Response (${counts.response})`, testId: 'bytes-response' },
        ]}
        onChange={(next) => {
          setHalf(next);
          setChosen(null);
        }}
      />
      {shown.length === 0 ? (
        <p className={styles.message}>No event of the {half} was captured.</p>
      ) : (
        <>
          <EventTable
            events={shown}
            spanStart={node.span.start}
            chosen={chosen}
            onChoose={(ordinal) => setChosen(ordinal === chosen ? null : ordinal)}
          />
          {events.data.omitted > 0 && (
            <p className={styles.note}>{formatPlural(events.data.omitted, 'further event')} of this span not listed.</p>
          )}
          <PayloadView events={payloadOf} />
        </>
      )}
    </div>
  );
}
