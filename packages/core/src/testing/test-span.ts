import type { HostId, Nanoseconds, SocketId, SpanId, SystraceId, TcpSeq } from '../base/brand';
import type { SpanMessageType, SysSpan, SysTapSide } from '../span/span';

/** What a test says of a span, without brands. Times are nanoseconds. Whatever is left out has a plain default. */
export interface TestSpanFields
  extends Partial<
    Omit<
      SysSpan,
      | 'id'
      | 'hostId'
      | 'start'
      | 'end'
      | 'socket'
      | 'tcpSeqRequest'
      | 'tcpSeqResponse'
      | 'systraceIdRequest'
      | 'systraceIdResponse'
    >
  > {
  readonly id?: string;
  readonly host?: string;
  readonly start?: number;
  readonly end?: number;
  /** Name of the socket; by default every span has one of its own. */
  readonly socket?: string;
  /** Systrace ids of request and response; `undefined` = not known. */
  readonly systrace?: readonly [request: number | undefined, response?: number | undefined];
  /** TCP sequences of request and response. */
  readonly seq?: readonly [request: number | undefined, response?: number | undefined];
}

const CLIENT = { address: '10.0.0.1', port: 40_000 };
const SERVER = { address: '10.0.0.2', port: 80 };

/** A system span for tests: a c-p HTTP session of process 100 on host `h1`, from 0 to 1 ms, unless told otherwise. */
export function testSpan(fields: TestSpanFields = {}): SysSpan {
  const { id = 'span', host = 'h1', start = 0, end = start + 1_000_000, socket, systrace, seq, ...rest } = fields;
  const tapSide: SysTapSide = fields.tapSide ?? 'c-p';
  const messageType: SpanMessageType = fields.messageType ?? 'session';
  const [local, remote] = tapSide === 'c-p' ? [CLIENT, SERVER] : [SERVER, CLIENT];
  return {
    type: 'sys',
    tapSide,
    id: id as SpanId,
    hostId: host as HostId,
    protocol: 'http',
    messageType,
    oneway: false,
    start: start as Nanoseconds,
    end: end as Nanoseconds,
    status: 'ok',
    traceIds: [],
    src: CLIENT,
    dst: SERVER,
    truncated: false,
    pid: 100,
    tid: fields.pid ?? 100,
    comm: 'test',
    socket: {
      id: (socket ?? `socket of ${id}`) as SocketId,
      transport: 'tcp',
      local,
      remote,
      inode: 1,
      netns: 1,
      role: tapSide === 'c-p' ? 'client' : 'server',
      preexisting: false,
    },
    requestEvents: [],
    responseEvents: [],
    ...present('systraceIdRequest', systrace?.[0] as SystraceId | undefined),
    ...present('systraceIdResponse', systrace?.[1] as SystraceId | undefined),
    ...present('tcpSeqRequest', seq?.[0] as TcpSeq | undefined),
    ...present('tcpSeqResponse', seq?.[1] as TcpSeq | undefined),
    ...rest,
  };
}

/** An optional property: there when known, else absent. */
function present<Name extends string, Value>(name: Name, value: Value | undefined): { [key in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { [key in Name]?: Value });
}
