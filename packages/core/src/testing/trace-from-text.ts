import type { SystraceId } from '../base/brand';
import type { QueueMessageName, QueueMessages } from '../message/message';
import type { L7Protocol } from '../protocol/l7-protocol';
import {
  type AppTapSide,
  type IncompleteReason,
  NET_TAP_SIDES,
  type NetTapSide,
  type Span,
  type SysSpan,
  type SysTapSide,
  type TapSide,
} from '../span/span';
import { type TestSpanFields, testAppSpan, testNetSpan, testSpan } from './test-span';

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
 *     side     = "c-p" | "s-p" | an observation point of packets | "c-app" | "s-app" | "app"
 *
 * A column is `unit` nanoseconds (1 ms unless told otherwise); time 0 is the left edge of the leftmost drawing; an
 * end's time is that of its own column. Processes get pids 101, 102 … and hosts default to `h1`. Names:
 *
 *     sys=A/B    systrace ids of request and response; either may be empty (`sys=/4`)
 *     con=A      systrace id open at the connect call, of the first request on a connection
 *     seq=A/B    TCP sequences      xid=A/B   X-Request-IDs      trace=A,B   trace ids
 *     sock=NAME  socket             tid=N     thread             proto=NAME  protocol
 *     span=ID      span id        parent=ID   its parent's span id
 *     udp=PORT/ID  datagrams: the client's port and the request's id     id=N   request id, stream id
 *     unix=A/B     inodes of a unix socket and of its peer, which need not be known (`unix=71/`)
 *     pid=N        a pid of its own; `pid=` = not known                  res=NAME   resource
 *     pub=B:V,…    put into a queue, by names of basis B and value V
 *     sub=B:V,…    sent out of one                                       fetch=B:V,… asked one for
 *     start=±N   end=±N             nudge an edge by N units, fractions allowed (`end=+0.5`)
 */
export function traceFromText(text: string, options: { readonly unit?: number } = {}): Span[] {
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
  readonly side: TapSide;
  readonly process: string;
  readonly host: string;
  readonly values: ReadonlyMap<string, string>;
}

const SYS_SIDES: ReadonlySet<string> = new Set<SysTapSide>(['c-p', 's-p']);
const NET_SIDES: ReadonlySet<string> = new Set<NetTapSide>(NET_TAP_SIDES);
const APP_SIDES: ReadonlySet<string> = new Set<AppTapSide>(['c-app', 's-app', 'app']);
const LINE = /^(\s*(\S+)\s+)(\[-*[\]?>]|\?-*\]|\|)\s+([a-z-]+)\s+([^\s@]+)(?:@(\S+))?((?:\s+\S+=\S*)*)\s*$/;
const NAMES = new Set(
  'sys con seq xid trace sock tid proto start end span parent udp id unix pid res pub sub fetch'.split(' '),
);

function parseLine(line: string): Line {
  const match = LINE.exec(line);
  if (match === null) throw new Error(`not a span drawing: ${line}`);
  const [, before, id, drawing, side, process, host = 'h1', rest] = match;
  if (![SYS_SIDES, NET_SIDES, APP_SIDES].some((sides) => sides.has(side!)))
    throw new Error(`not a span drawing: ${line}`);
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
    side: side as TapSide,
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

function toSpan(line: Line, origin: number, pid: number, unit: number): Span {
  const { id, drawing, column, side, process, host, values } = line;
  const nudge = (edge: 'start' | 'end') => Number(values.get(edge) ?? 0);
  const ownPid = values.get('pid');
  const fields: TestSpanFields = {
    id,
    host,
    comm: process,
    pid: ownPid ? Number(ownPid) : pid,
    tid: Number(values.get('tid') ?? pid),
    ...shapeOf(drawing),
    start: (column - origin + nudge('start')) * unit,
    end: (column - origin + drawing.length - 1 + nudge('end')) * unit,
    systrace: numbers(values.get('sys')),
    seq: numbers(values.get('seq')),
    traceIds: values.get('trace')?.split(',') ?? [],
    ...headerFields(values),
    ...transportFields(values),
  };
  if (SYS_SIDES.has(side)) return testSpan({ ...fields, tapSide: side as SysTapSide });
  if (NET_SIDES.has(side)) return testNetSpan({ ...fields, tapSide: side as NetTapSide, interfaceName: process });
  const span = testAppSpan({ ...fields, tapSide: side as AppTapSide, serviceName: process });
  if (ownPid !== '') return span;
  const { pid: _, ...withoutPid } = span;
  return withoutPid;
}

function headerFields(values: Line['values']): TestSpanFields {
  const [xid0, xid1] = pair(values.get('xid'));
  const [spanId, parentSpanId, resource, id] = ['span', 'parent', 'res', 'id'].map((name) => values.get(name));
  const [published, delivered, fetched] = ['pub', 'sub', 'fetch'].map((name) => values.get(name));
  return {
    ...(xid0 && { xRequestIdRequest: xid0 }),
    ...(xid1 && { xRequestIdResponse: xid1 }),
    ...(spanId && { spanId }),
    ...(parentSpanId && { parentSpanId }),
    ...(resource && { resource }),
    ...(id && { requestId: Number(id) }),
    ...(published && { queueMessages: queueMessages('publish', published) }),
    ...(delivered && { queueMessages: queueMessages('deliver', delivered) }),
    ...(fetched && { queueMessages: queueMessages('fetch', fetched) }),
  };
}

function transportFields(values: Line['values']): TestSpanFields {
  const protocol = values.get('proto') as L7Protocol | undefined;
  const socket = values.get('sock');
  const [port, datagramId] = numbers(values.get('udp'));
  const [inode, peer] = numbers(values.get('unix'));
  return {
    ...(protocol && { protocol }),
    ...(socket && { socket }),
    ...(port !== undefined && { transport: 'udp' as const, src: { address: '10.0.0.1', port } }),
    ...(datagramId !== undefined && { requestId: datagramId }),
    ...(inode !== undefined && { transport: 'unix' as const, unix: [inode, peer] as const }),
    ...(values.has('con') && { systraceIdConnect: Number(values.get('con')) as SystraceId }),
  };
}

function queueMessages(action: QueueMessages['action'], text: string): QueueMessages {
  const names = text.split(',').map((name) => {
    const [basis, value] = name.split(':');
    return { basis: basis as QueueMessageName['basis'], value: value! };
  });
  return { action, names };
}

function pair(text = ''): [string | undefined, string | undefined] {
  const [request, response] = text.split('/');
  return [request, response];
}

function numbers(text?: string): [number | undefined, number | undefined] {
  const [request, response] = pair(text);
  return [request ? Number(request) : undefined, response ? Number(response) : undefined];
}
