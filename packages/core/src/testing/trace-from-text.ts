import type { SystraceId } from '../base/brand';
import type { L7Protocol } from '../protocol/l7-protocol';
import type { IncompleteReason, SysSpan } from '../span/span';
import { type TestSpanFields, testSpan } from './test-span';

/**
 * Spans from a drawing, one a line, so that a test shows what it means and needs no builders:
 *
 *     page    [---------------]   s-p web      sys=1/3
 *     query     [------]          c-p web      sys=1/2   seq=10/20
 *     answer     [----]           s-p db@h2    sys=1/1   seq=10/20
 *
 *     line     = id drawing side process ["@" host] {name "=" value} ["#" comment]
 *     drawing  = "[" "-"* "]"     session: request … response
 *              | "|"              session that starts and ends in one instant
 *              | "[" "-"* "?"     request alone: no response was seen
 *              | "?" "-"* "]"     response alone: no request was seen
 *              | "[" "-"* ">"     one-way message
 *     side     = "c-p" | "s-p"
 *
 * A column is `unit` nanoseconds (1 ms unless told otherwise); time 0 is the left edge of the leftmost drawing; an
 * end's time is that of its own column. Processes get pids 101, 102 … and hosts default to `h1`. Names:
 *
 *     sys=A/B    systrace ids of request and response; either may be empty (`sys=/4`)
 *     con=A      systrace id open at the connect call, of the first request on a connection
 *     seq=A/B    TCP sequences      xid=A/B   X-Request-IDs      trace=A,B   trace ids
 *     sock=NAME  socket             tid=N     thread             proto=NAME  protocol
 *     start=±N   end=±N             nudge an edge by N units, fractions allowed (`end=+0.5`)
 */
export function traceFromText(text: string, options: { readonly unit?: number } = {}): SysSpan[] {
  const lines = text
    .split('\n')
    .map((line) => line.replace(/\s*#.*$/, ''))
    .filter((line) => line.trim() !== '')
    .map(parseLine);
  const origin = Math.min(...lines.map((line) => line.column));
  const pids = new Map<string, number>();
  return lines.map((line) => {
    const name = `${line.process}@${line.host}`;
    const pid = pids.get(name) ?? 101 + pids.size;
    pids.set(name, pid);
    return toSpan(line, origin, pid, options.unit ?? 1_000_000);
  });
}

interface Line {
  readonly id: string;
  readonly drawing: string;
  /** Column of the drawing's first character. */
  readonly column: number;
  readonly side: 'c-p' | 's-p';
  readonly process: string;
  readonly host: string;
  readonly values: ReadonlyMap<string, string>;
}

const LINE = /^(\s*(\S+)\s+)(\[-*[\]?>]|\?-*\]|\|)\s+(c-p|s-p)\s+([^\s@]+)(?:@(\S+))?((?:\s+\S+=\S*)*)\s*$/;
const NAMES = new Set(['sys', 'con', 'seq', 'xid', 'trace', 'sock', 'tid', 'proto', 'start', 'end']);

function parseLine(line: string): Line {
  const match = LINE.exec(line);
  if (match === null) throw new Error(`not a span drawing: ${line}`);
  const [, before, id, drawing, side, process, host = 'h1', rest] = match;
  const values = new Map<string, string>();
  for (const word of rest!.trim().split(/\s+/).filter(Boolean)) {
    const [name, value] = [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)];
    if (!NAMES.has(name)) throw new Error(`unknown name "${name}" in: ${line}`);
    values.set(name, value);
  }
  return {
    id: id!,
    drawing: drawing!,
    column: before!.length,
    side: side as 'c-p' | 's-p',
    process: process!,
    host,
    values,
  };
}

/** What a drawing's two ends say. */
function shapeOf(drawing: string): Pick<SysSpan, 'messageType' | 'oneway'> & { incomplete?: IncompleteReason } {
  if (drawing.startsWith('?')) return { messageType: 'response', oneway: false, incomplete: 'no-request-seen' };
  if (drawing.endsWith('?')) return { messageType: 'request', oneway: false, incomplete: 'no-response-seen' };
  if (drawing.endsWith('>')) return { messageType: 'request', oneway: true };
  return { messageType: 'session', oneway: false };
}

function toSpan({ id, drawing, column, side, process, host, values }: Line, origin: number, pid: number, unit: number) {
  const nudge = (edge: 'start' | 'end') => Number(values.get(edge) ?? 0);
  const [xid0, xid1] = pair(values.get('xid'));
  const protocol = values.get('proto') as L7Protocol | undefined;
  const socket = values.get('sock');
  const fields: TestSpanFields = {
    id,
    host,
    tapSide: side,
    comm: process,
    pid,
    tid: Number(values.get('tid') ?? pid),
    ...shapeOf(drawing),
    start: (column - origin + nudge('start')) * unit,
    end: (column - origin + drawing.length - 1 + nudge('end')) * unit,
    systrace: numbers(values.get('sys')),
    seq: numbers(values.get('seq')),
    traceIds: values.get('trace')?.split(',') ?? [],
    ...(xid0 && { xRequestIdRequest: xid0 }),
    ...(xid1 && { xRequestIdResponse: xid1 }),
    ...(protocol && { protocol }),
    ...(socket && { socket }),
    ...(values.has('con') && { systraceIdConnect: Number(values.get('con')) as SystraceId }),
  };
  return testSpan(fields);
}

function pair(text = ''): [string | undefined, string | undefined] {
  const [request, response] = text.split('/');
  return [request, response];
}

function numbers(text?: string): [number | undefined, number | undefined] {
  const [request, response] = pair(text);
  return [request ? Number(request) : undefined, response ? Number(response) : undefined];
}
