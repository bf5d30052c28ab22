import type { AssembledTrace, TimeOrigin } from '@causeway/core';
import type { Sql } from 'postgres';
import { storedTrace } from '../../answers/stored-trace';
import { openCopy } from '../store/copy-stream';
import { partitionName } from '../store/partition';
import { TRACE_FORMAT } from '../store/trace-rows';
import type { TraceCounts } from './capture-row';

/** Writes rows for all traces into a capture's empty partition. */
export async function loadTraces(
  sql: Sql,
  captureId: string,
  traces: Iterable<AssembledTrace>,
  origin: TimeOrigin,
): Promise<Omit<TraceCounts, 'spans'>> {
  const copy = await openCopy(sql, partitionName('trace', captureId), TRACE_FORMAT);
  let errorTraces = 0;
  try {
    for (const trace of traces) {
      const stored = storedTrace(trace, origin);
      if (stored.row.hasError) errorTraces += 1;
      copy.push(stored);
      await copy.drained();
    }
    await copy.end();
  } catch (error) {
    copy.abort();
    throw error;
  }
  return { traces: copy.rows, errorTraces };
}
