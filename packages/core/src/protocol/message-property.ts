import type { MutableFields } from './protocol-parser';
import { readTraceHeader, TRACE_HEADERS } from './trace-context';

/** JMS allows no hyphen in a property's name: OpenTracing and Brave write one like this. */
const HYPHEN = /_\$dash\$_|__dash__/g;

/** Trace context in a property of a queued message; all other properties are passed over. */
export function readMessageProperty(name: string, value: string, fields: MutableFields): void {
  const lower = name.replace(HYPHEN, '-').toLowerCase();
  const header = TRACE_HEADERS.find((known) => known === lower);
  if (header !== undefined) readTraceHeader(header, value, fields);
}
