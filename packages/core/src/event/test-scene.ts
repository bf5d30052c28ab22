import type { HostId, Nanoseconds, SocketId } from '../base/brand';
import type { Message } from '../message/message';
import type { Coverage, PipelineOptions } from '../pipeline';
import { createPipeline } from '../pipeline/create-pipeline';
import type { SysSpan } from '../span/span';
import { blockFromEvents } from './block-from-events';
import {
  type CaptureEvent,
  Direction,
  EventFlag,
  EventKind,
  type SocketInfo,
  SyscallAbi,
  type ThreadInfo,
} from './event-block';

/** Bytes of a text, one per code unit; `\r\n` and `\x00` as written. */
export function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

export function concat(...parts: readonly (Uint8Array | string)[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...(typeof part === 'string' ? latin1(part) : part)]));
}

/** Each step of time in a scene, in nanoseconds. A call takes a tenth of it. */
export const STEP = 1_000_000;
const CALL = STEP / 10;

export function thread(pid: number, tid = pid, comm = 'program'): ThreadInfo {
  return { pid, tid, comm };
}

export function socket(name: string, details: Partial<SocketInfo> = {}): SocketInfo {
  return {
    id: name as SocketId,
    transport: 'tcp',
    local: { address: '10.0.0.1', port: 8080 },
    remote: { address: '10.0.0.2', port: 40_000 },
    inode: 1,
    netns: 1,
    role: 'server',
    preexisting: false,
    ...details,
  };
}

export interface CallOptions {
  /** Captured bytes at the most. */
  readonly limit?: number;
  readonly flags?: number;
  /** Overrides the place in the stream. */
  readonly sequence?: number;
}

interface RunOptions extends PipelineOptions {
  readonly end?: boolean;
  readonly perBlock?: number;
}

/** What a test's programs do, call by call, each one step after the last; then what the pipeline makes of it. */
export class Scene {
  readonly events: CaptureEvent[] = [];
  readonly messages: Message[] = [];
  readonly spans: SysSpan[] = [];
  readonly parserErrors: string[] = [];
  private now = STEP;
  private loopTurn = 0;
  private readonly sequences = new Map<string, number>();

  constructor(private readonly firstSequence = 1000) {}

  read(socketInfo: SocketInfo, by: ThreadInfo, bytes: Uint8Array | string, options: CallOptions = {}): this {
    return this.move(Direction.ingress, socketInfo, by, bytes, options);
  }

  write(socketInfo: SocketInfo, by: ThreadInfo, bytes: Uint8Array | string, options: CallOptions = {}): this {
    return this.move(Direction.egress, socketInfo, by, bytes, options);
  }

  /** Bytes that no event tells of. */
  drop(socketInfo: SocketInfo, direction: Direction, bytes: Uint8Array | string): this {
    this.take(socketInfo, direction, bytes.length);
    return this;
  }

  connect(socketInfo: SocketInfo, by: ThreadInfo): this {
    return this.other(EventKind.connect, by, socketInfo);
  }

  accept(socketInfo: SocketInfo, by: ThreadInfo): this {
    return this.other(EventKind.accept, by, socketInfo);
  }

  close(socketInfo: SocketInfo, by: ThreadInfo): this {
    return this.other(EventKind.close, by, socketInfo);
  }

  /** The kernel sends something of it again. */
  retransmit(socketInfo: SocketInfo, by: ThreadInfo): this {
    return this.other(EventKind.retransmit, by, socketInfo);
  }

  reset(socketInfo: SocketInfo, by: ThreadInfo): this {
    return this.other(EventKind.reset, by, socketInfo);
  }

  exit(by: ThreadInfo): this {
    return this.other(EventKind.exit, by);
  }

  /** What follows is done in the next turn of an event loop. */
  turn(): this {
    this.loopTurn = this.loopTurn === 255 ? 1 : this.loopTurn + 1;
    return this;
  }

  wait(steps: number): this {
    this.now += steps * STEP;
    return this;
  }

  /** Runs the events through a new pipeline, so many a block. */
  run({ end = true, perBlock = 1000, ...options }: RunOptions = {}): Coverage {
    this.messages.length = 0;
    this.spans.length = 0;
    this.parserErrors.length = 0;
    const pipeline = createPipeline(
      {
        onMessage: (message) => this.messages.push(message),
        onSpan: (span) => this.spans.push(span as SysSpan),
        onParserError: (protocol, error) => this.parserErrors.push(`${protocol}: ${(error as Error).message}`),
      },
      options,
    );
    for (let at = 0; at < this.events.length; at += perBlock) {
      pipeline.push(blockFromEvents('host' as HostId, this.events.slice(at, at + perBlock)));
    }
    if (end) pipeline.end();
    return pipeline.coverage();
  }

  private move(
    direction: Direction,
    socketInfo: SocketInfo,
    by: ThreadInfo,
    data: Uint8Array | string,
    { limit = Number.POSITIVE_INFINITY, flags = 0, sequence }: CallOptions,
  ): this {
    const bytes = typeof data === 'string' ? latin1(data) : data;
    const start = sequence ?? this.take(socketInfo, direction, (flags & EventFlag.peek) === 0 ? bytes.length : 0);
    return this.push({
      kind: EventKind.data,
      abi: direction === Direction.egress ? SyscallAbi.write : SyscallAbi.read,
      direction,
      flags: flags | (socketInfo.transport === 'tcp' ? EventFlag.tcpSeq : 0),
      thread: by,
      socket: socketInfo,
      result: bytes.length,
      tcpSeqEnter: start >>> 0,
      tcpSeqExit: (start + bytes.length) >>> 0,
      payload: bytes.slice(0, limit),
    });
  }

  private take(socketInfo: SocketInfo, direction: Direction, length: number): number {
    const key = `${socketInfo.id} ${direction}`;
    const start = this.sequences.get(key) ?? this.firstSequence * direction;
    this.sequences.set(key, start + length);
    return start;
  }

  private other(kind: EventKind, by: ThreadInfo, socketInfo?: SocketInfo): this {
    return this.push({
      kind,
      abi: SyscallAbi.none,
      direction: Direction.none,
      flags: 0,
      thread: by,
      ...(socketInfo && { socket: socketInfo }),
      result: 0,
      payload: new Uint8Array(0),
    });
  }

  private push(event: Omit<CaptureEvent, 'ordinal' | 'enter' | 'exit' | 'fd' | 'detail'>): this {
    const enter = this.now as Nanoseconds;
    const exit = (this.now + CALL) as Nanoseconds;
    this.now += STEP;
    const { loopTurn } = this;
    this.events.push({ ordinal: this.events.length, enter, exit, fd: 3, detail: 0, loopTurn, ...event });
    return this;
  }
}
