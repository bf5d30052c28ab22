import type { HostId, Nanoseconds, SocketId, SpanId, SystraceId, TcpSeq } from '../base/brand';
import type { Transport } from '../event/event-block';
import type { AppSpan, AppTapSide, NetSpan, NetTapSide, SpanMessageType, SysSpan, SysTapSide } from '../span/span';

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
  readonly transport?: Transport;
  /** Inodes of a unix socket and of its peer. */
  readonly unix?: readonly [own: number, peer: number | undefined];
}

const CLIENT = { address: '10.0.0.1', port: 40_000 };
const SERVER = { address: '10.0.0.2', port: 80 };

/** A system span for tests: a c-p HTTP session of process 100 on host `h1`, from 0 to 1 ms, unless told otherwise. */
export function testSpan(fields: TestSpanFields = {}): SysSpan {
  const {
    id = 'span',
    host = 'h1',
    start = 0,
    end = start + 1_000_000,
    socket,
    systrace,
    seq,
    unix,
    transport = 'tcp',
    ...rest
  } = fields;
  const tapSide: SysTapSide = fields.tapSide ?? 'c-p';
  const messageType: SpanMessageType = fields.messageType ?? 'session';
  const { src = CLIENT, dst = SERVER } = fields;
  const [local, remote] = tapSide === 'c-p' ? [src, dst] : [dst, src];
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
    src,
    dst,
    truncated: false,
    pid: 100,
    tid: fields.pid ?? 100,
    comm: 'test',
    socket: {
      id: (socket ?? `socket of ${id}`) as SocketId,
      transport,
      local,
      remote,
      inode: unix?.[0] ?? 1,
      ...present('peerInode', unix?.[1]),
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

/** What a test says of a packet span. */
export type TestNetSpanFields = Omit<TestSpanFields, 'tapSide'> & {
  readonly tapSide?: NetTapSide;
  readonly interfaceName?: string;
};

/** A packet span for tests: seen at the client's interface `eth0`, in all else as `testSpan`. */
export function testNetSpan({ tapSide = 'c', interfaceName = 'eth0', ...fields }: TestNetSpanFields = {}): NetSpan {
  const { pid, tid, comm, socket, requestEvents, responseEvents, systraceIdRequest, systraceIdResponse, ...seen } =
    testSpan(fields);
  return { ...seen, type: 'net', tapSide, interfaceName };
}

/** What a test says of an application span. */
export type TestAppSpanFields = Omit<TestSpanFields, 'tapSide'> & {
  readonly tapSide?: AppTapSide;
  readonly serviceName?: string;
};

/** An application span for tests: internal work of service `test`, in all else as `testSpan`. */
export function testAppSpan({ tapSide = 'app', serviceName = 'test', ...fields }: TestAppSpanFields = {}): AppSpan {
  const { tid, comm, socket, requestEvents, responseEvents, src, dst, truncated, ...reported } = testSpan(fields);
  return { ...reported, type: 'app', tapSide, serviceName };
}

/** An optional property: there when known, else absent. */
function present<Name extends string, Value>(name: Name, value: Value | undefined): { [key in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { [key in Name]?: Value });
}
