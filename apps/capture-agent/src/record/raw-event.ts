/**
 * Byte offsets of `struct capture_event` in `bpf/capture_event.h`, the contract with the kernel programs. All numbers
 * are little endian; a test compiles the header and compares.
 */
export const RawEvent = {
  payloadLength: 0,
  enter: 8,
  exit: 16,
  socket: 24,
  result: 32,
  pid: 40,
  tid: 44,
  netns: 48,
  inode: 52,
  fd: 56,
  detail: 60,
  tcpSeqEnter: 64,
  tcpSeqExit: 68,
  rtt: 72,
  flags: 76,
  localPort: 78,
  remotePort: 80,
  kind: 82,
  abi: 83,
  direction: 84,
  family: 85,
  transport: 86,
  loopTurn: 87,
  localAddress: 88,
  remoteAddress: 104,
  comm: 120,
  coroutine: 136,
  pseudoThread: 140,
} as const;

/** Size of the head; the payload follows it. */
export const RAW_EVENT_BYTES = 144;
export const COMM_BYTES = 16;
/** Most bytes of payload that the kernel programs keep of a call. */
export const MAX_PAYLOAD_LIMIT = 8192;

/** Heads of records with a view for each width. */
export class RawEvents {
  readonly u8: Uint8Array;
  readonly u16: Uint16Array;
  readonly u32: Uint32Array;
  readonly i32: Int32Array;
  private readonly bytes: Buffer;

  /** From byte `from` on; absent `count` = all that there are. */
  constructor(memory: ArrayBuffer, from = 0, count = Math.floor((memory.byteLength - from) / RAW_EVENT_BYTES)) {
    const bytes = count * RAW_EVENT_BYTES;
    this.u8 = new Uint8Array(memory, from, bytes);
    this.u16 = new Uint16Array(memory, from, bytes / 2);
    this.u32 = new Uint32Array(memory, from, bytes / 4);
    this.i32 = new Int32Array(memory, from, bytes / 4);
    this.bytes = Buffer.from(memory, from, bytes);
  }

  /** The command name of the head at byte `at`. */
  comm(at: number): string {
    const start = at + RawEvent.comm;
    const end = this.u8.indexOf(0, start);
    return this.bytes.toString('utf8', start, end < 0 ? start + COMM_BYTES : Math.min(end, start + COMM_BYTES));
  }
}
