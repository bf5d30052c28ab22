import type { StoredTrace } from '../../answers/stored-trace';
import type { RowFormat } from './copy-stream';

/** The capture id comes from the partition's default. */
export const TRACE_FORMAT: RowFormat<StoredTrace> = {
  columns: [
    ...['root_id', 'start_ns', 'duration_ns', 'span_count', 'service', 'protocol', 'method', 'endpoint', 'resource'],
    ...['status', 'status_code', 'has_error', 'incomplete', 'services', 'service_spans', 'protocols', 'search'],
  ],
  write(rows, { row, startNs, protocols, search }) {
    rows.text(row.id);
    rows.int8(startNs);
    rows.int8(BigInt(row.durationNs));
    rows.int4(row.spanCount);
    rows.text(row.service);
    rows.text(row.protocol);
    rows.text(row.method);
    rows.text(row.endpoint);
    rows.text(row.resource);
    rows.text(row.status);
    rows.text(row.statusCode);
    rows.boolean(row.hasError);
    rows.boolean(row.incomplete);
    rows.texts(row.services.map(({ service }) => service));
    rows.int4s(row.services.map(({ spanCount }) => spanCount));
    rows.texts(protocols);
    rows.text(search);
  },
};
