import type { HostId, SystraceId, TcpSeq } from '../base/brand';
import type { Cursor } from '../base/cursor';
import { Direction, EventFlag, type SocketInfo, type SocketRole } from '../event/event-block';
import type { EventMark } from '../event/event-mark';
import { type MessageContext, MessageReader } from '../message/message-reader';
import type { GrowingMessage } from '../message/open-message';
import type { PipelineOutput } from '../pipeline';
import type { L7Protocol } from '../protocol/l7-protocol';
import type { ParserSet } from '../protocol/parser-set';
import type { ConnectionParser, ProtocolParser } from '../protocol/protocol-parser';
import type { Session } from '../session/session';
import { type SessionOutput, SessionTable } from '../session/session-table';
import { type Observer, sessionSpan, spanIdSeed } from '../span/session-span';
import type { ConnectionLife, IncompleteReason, LoopMoment } from '../span/span';
import { ByteStream, CALL_PATIENCE, PACKET_PATIENCE } from '../stream/byte-stream';
import { TcpCounters } from '../stream/tcp-metrics';
import type { CoverageCounters } from './coverage-counters';
import { type Recognised, Recognition, type Speaker } from './recognition';

/** After so many failures in a row the protocol was guessed wrongly, or has changed: it is recognised anew. */
const FAILURES_BEFORE_NEW_INFERENCE = 3;

/** A `connect` of a thread. */
export interface ConnectCall {
  /** Systrace id that was open. */
  readonly id: SystraceId | undefined;
  readonly moment: LoopMoment;
}

/** What a connection reports to, and shares with the others of its host. */
export interface ConnectionHost {
  readonly hostId: HostId;
  readonly output: PipelineOutput;
  readonly coverage: CoverageCounters;
  readonly parsers: ParserSet;
  /** The connection waits for time to pass. */
  wait(connection: Connection): void;
}

/**
 * One connection, or one socket and its peer where the transport has none: two streams, their readers, and the sessions
 * that their messages form.
 */
export class Connection implements MessageContext, SessionOutput {
  parser: ConnectionParser | undefined = undefined;
  /** Nothing more is read: the content is encrypted, or of a form that cannot be followed. */
  ignored = false;
  /** Time slot of the last data. */
  lastSlot = 0;
  lastDataTime = Number.NEGATIVE_INFINITY;

  private within: Connection | undefined = undefined;
  private definition: ProtocolParser | undefined = undefined;
  private sessions: SessionTable | undefined = undefined;
  private readonly ingress = new MessageReader(this, Direction.ingress);
  private readonly egress = new MessageReader(this, Direction.egress);
  private readonly ingressStream: ByteStream;
  private readonly egressStream: ByteStream;
  /** The direction in which requests go. */
  private requestDirection: Direction;
  private readonly tcp: TcpCounters | undefined = undefined;
  /** How they stood when a message ended last: what came since belongs to the next. */
  private tcpSettled: TcpCounters | undefined = undefined;
  private failures = 0;
  private readonly recognition: Recognition;
  /** Requests of the protocol spoken before that are answered in the next one. */
  private inherited: readonly Session[] = [];
  private lastPid = -1;
  /** Processes that used the socket, when there is more than one. */
  private pids: Set<number> | undefined = undefined;
  private readonly observer: Observer;
  /** Systrace id under which the last message came in. */
  lastInputId: SystraceId | undefined = undefined;
  private connectId: SystraceId | undefined = undefined;
  private life: ConnectionLife | undefined = undefined;

  constructor(
    public socket: SocketInfo,
    private readonly host: ConnectionHost,
    /** Where packets were seen; absent = system calls were. */
    private readonly interfaceName?: string,
    /** These are the bytes that a TLS library took and gave. */
    tls = false,
    tcp?: TcpCounters,
  ) {
    const patience = interfaceName === undefined ? CALL_PATIENCE : PACKET_PATIENCE;
    if (socket.transport === 'tcp') {
      this.tcp = tcp ?? new TcpCounters();
      this.tcpSettled = this.tcp.settled(undefined);
    }
    // Of calls the kernel says what was sent again; their order says nothing about the wire.
    const counters = interfaceName === undefined ? undefined : this.tcp;
    this.ingressStream = new ByteStream(this.ingress, patience, counters);
    this.egressStream = new ByteStream(this.egress, patience, counters);
    this.requestDirection = directionOfRole(socket.role);
    this.recognition = new Recognition(socket.transport, host.parsers, host.coverage);
    this.observer = { hostId: host.hostId, seed: spanIdSeed(host.hostId, socket), tls, interfaceName };
  }

  get role(): SocketRole {
    if (this.requestDirection === Direction.none) return 'unknown';
    return this.requestDirection === Direction.egress ? 'client' : 'server';
  }

  get protocol(): L7Protocol {
    return this.definition!.protocol;
  }

  /** What TLS carries over this connection, once any of it was seen. */
  get plaintext(): Connection | undefined {
    return this.within;
  }

  /** Plaintext was seen: a conversation of its own, and what the socket itself carries says nothing from here on. */
  openPlaintext(): Connection {
    if (this.within === undefined) {
      this.within = new Connection(this.socket, this.host, undefined, true, this.tcp);
      this.ignored = true;
      this.recognition.withdraw();
    }
    return this.within;
  }

  /** A later block may know more about the socket than the first one did. */
  describe(socket: SocketInfo): void {
    this.socket = socket;
    if (this.requestDirection === Direction.none) this.requestDirection = directionOfRole(socket.role);
    this.within?.describe(socket);
  }

  /** The connection was asked for at a moment when its thread had this systrace id open. */
  connectedUnder({ id, moment }: ConnectCall): void {
    this.connectId = id;
    this.life = { connected: moment };
  }

  /** This end of the connection has noticed, or decided, that it is over. */
  endedAt(moment: LoopMoment): void {
    if (this.life !== undefined) this.life.ended ??= moment;
  }

  takeConnectId(direction: Direction): SystraceId | undefined {
    const id = this.connectId;
    if (id === undefined || direction !== Direction.egress) return undefined;
    this.connectId = undefined;
    return id;
  }

  /** The first byte of a direction will have this sequence number. */
  startsAt(direction: Direction, sequence: number): void {
    (direction === Direction.egress ? this.egressStream : this.ingressStream).startAt(sequence);
  }

  /** What a packet or call says of the connection besides its bytes. `rttUs` 0 = not known. Call it before `data`. */
  observed(direction: Direction, flags: number, rttUs: number): void {
    const { tcp } = this;
    if (tcp === undefined) return;
    if (rttUs > 0) tcp.rttUs = rttUs;
    if ((flags & EventFlag.packet) === 0) return;
    if ((flags & EventFlag.zeroWindow) !== 0) tcp.zeroWindows += 1;
    // What the receiver has will not be sent again: it is missing in the capture only.
    if ((flags & EventFlag.acksUnseen) !== 0) this.opposite(direction).flush();
  }

  reset(): void {
    if (this.tcp !== undefined) this.tcp.resets += 1;
  }

  retransmitted(): void {
    if (this.tcp !== undefined) this.tcp.retransmits += 1;
  }

  /** The bytes of a direction before this sequence number were left out on purpose. */
  skipTo(direction: Direction, sequence: number): void {
    (direction === Direction.egress ? this.egressStream : this.ingressStream).skipTo(sequence);
  }

  data(direction: Direction, sequence: number | undefined, length: number, bytes: Uint8Array, mark: EventMark): void {
    const outbound = direction === Direction.egress;
    if (this.socket.transport === 'udp') {
      (outbound ? this.egress : this.ingress).datagram(bytes, length - bytes.length, mark);
      return;
    }
    // What waits in the other direction of calls came before this, by whatever order it came. Packets of one direction say
    // nothing about those of the other that are still on their way.
    const other = this.opposite(direction);
    if (other.waiting && this.interfaceName === undefined) other.flush();
    const stream = outbound ? this.egressStream : this.ingressStream;
    stream.accept(sequence, length, bytes, mark);
    if (stream.waiting) this.host.wait(this);
  }

  usedBy(pid: number): void {
    if (pid === this.lastPid) return;
    if (this.lastPid >= 0) {
      this.pids ??= new Set([this.lastPid]);
      this.pids.add(pid);
    }
    this.lastPid = pid;
  }

  isUsedBy(pid: number): boolean {
    return this.pids === undefined ? this.lastPid === pid : this.pids.has(pid);
  }

  /** The process let go of the socket. True = nobody else is known to hold it, so the connection is over. */
  releasedBy(pid: number): boolean {
    if (this.pids === undefined) return this.lastPid === pid || this.lastPid < 0;
    this.pids.delete(pid);
    return this.pids.size === 0;
  }

  /** The peer sends no more. */
  endOfIngress(): void {
    this.ingressStream.flush();
    this.ingress.close();
  }

  close(reason: IncompleteReason): void {
    this.within?.close(reason);
    this.ingressStream.flush();
    this.egressStream.flush();
    this.ingress.close();
    this.egress.close();
    this.sessions?.inherit(this.inherited);
    this.sessions?.giveUp(reason);
  }

  /** False = it waits for nothing any more. */
  pass(now: number): boolean {
    this.ingressStream.expire(now);
    this.egressStream.expire(now);
    const inward = this.ingress.settle(now);
    const outward = this.egress.settle(now);
    return inward || outward || this.ingressStream.waiting || this.egressStream.waiting;
  }

  /** Time has moved on to slot `current`. True = the connection may be forgotten. */
  expire(current: number): boolean {
    this.within?.expire(current);
    this.sessions?.expire(current);
    return this.socket.transport === 'udp' && current - this.lastSlot >= 2;
  }

  isFromClient(direction: Direction): boolean {
    return direction === this.requestDirection;
  }

  recognise(cursor: Cursor, direction: Direction): 'yes' | 'more' | 'no' {
    const found = this.recognition.recognise(cursor, this.speaker(direction));
    if (typeof found === 'string') return found;
    this.adopt(found, direction);
    return 'yes';
  }

  resumesAt(cursor: Cursor, direction: Direction): number {
    do {
      if (this.canResume(cursor, direction)) return cursor.position;
    } while (this.definition?.skipToStart?.(cursor) === true);
    return -1;
  }

  private canResume(cursor: Cursor, direction: Direction): boolean {
    if (this.definition === undefined) return false;
    const known = this.parser?.mayResume?.(cursor, this.isFromClient(direction));
    if (known !== undefined) return known;
    const verdict = this.recognition.infer(this.definition, cursor, this.speaker(direction));
    return verdict === (this.isFromClient(direction) ? 'request' : 'response');
  }

  mayBegin(cursor: Cursor, direction: Direction): boolean {
    return this.recognition.infer(this.definition!, cursor, this.speaker(direction)) !== 'no';
  }

  sequenceAt(direction: Direction, offset: number): TcpSeq | undefined {
    if (this.socket.transport === 'udp') return undefined;
    return (direction === Direction.egress ? this.egressStream : this.ingressStream).sequenceAt(offset) as TcpSeq;
  }

  began(message: GrowingMessage, interim: boolean): Session | undefined {
    this.failures = 0;
    if (message.direction === Direction.ingress) this.lastInputId = message.systraceId;
    (message.direction === Direction.egress ? this.ingress : this.egress).turn();
    const session = this.sessions!.began(message, interim);
    if (session !== undefined && this.tcp !== undefined) session.tcpBefore ??= this.tcpSettled;
    return session;
  }

  ended(message: GrowingMessage, session: Session | undefined, refuses: number): void {
    const { coverage, output } = this.host;
    coverage.messages += 1;
    if (message.truncated) coverage.truncatedMessages += 1;
    output.onMessage?.(message);
    this.sessions!.ended(message, session, refuses);
    this.tcpSettled = this.tcp?.settled(this.tcpSettled);
  }

  session(session: Session, incomplete: IncompleteReason | undefined): void {
    const { coverage, output } = this.host;
    if ((session.request ?? session.response)!.fields.heartbeat === true) return;
    coverage.spans += 1;
    if (incomplete !== undefined) coverage.incompleteSpans += 1;
    output.onSpan?.(sessionSpan(this.observer, session, incomplete, this.tcp?.since(session.tcpBefore), this.life));
  }

  failed(): void {
    this.failures += 1;
    if (this.failures >= FAILURES_BEFORE_NEW_INFERENCE) this.switched();
  }

  switched(): void {
    // What is open in the other direction still ends its session in the old table.
    this.inherited = this.sessions?.takeNumbered() ?? [];
    this.sessions?.giveUp('no-response-seen');
    this.parser = undefined;
    this.definition = undefined;
    this.failures = 0;
    this.recognition.startOver();
  }

  leave(): void {
    this.sessions?.giveUp('no-response-seen');
    this.ignored = true;
  }

  over(channels: readonly number[]): void {
    for (const channel of channels) {
      this.ingress.finish(channel);
      this.egress.finish(channel);
      this.sessions?.giveUpNumber(channel, 'no-response-seen');
    }
  }

  lostBytes(count: number): void {
    this.host.coverage.lostBytes += count;
  }

  limited(): void {
    this.host.coverage.limitsReached += 1;
  }

  responsesLost(): void {
    // Numbers still pair what comes after; order would not.
    if (this.definition?.pairing === 'order') this.sessions?.giveUp('no-response-seen');
  }

  settles(): void {
    this.host.wait(this);
  }

  private opposite(direction: Direction): ByteStream {
    return direction === Direction.egress ? this.ingressStream : this.egressStream;
  }

  private speaker(direction: Direction): Speaker {
    if (this.requestDirection === Direction.none) return 'unknown';
    return this.isFromClient(direction) ? 'client' : 'server';
  }

  private adopt({ definition, verdict }: Recognised, direction: Direction): void {
    const { transport, preexisting } = this.socket;
    this.definition = definition;
    this.parser = definition.open(transport);
    this.sessions = new SessionTable(definition.pairing, transport, preexisting, this);
    this.sessions.inherit(this.inherited);
    this.inherited = [];
    // What is said tells who asks more surely than who connected.
    const forward = direction === Direction.egress ? Direction.egress : Direction.ingress;
    const backward = direction === Direction.egress ? Direction.ingress : Direction.egress;
    this.requestDirection = verdict === 'request' ? forward : backward;
    // What the other side said before could not be told by itself; now it can, and it comes first.
    (direction === Direction.egress ? this.ingress : this.egress).catchUp();
  }
}

function directionOfRole(role: SocketRole): Direction {
  if (role === 'unknown') return Direction.none;
  return role === 'client' ? Direction.egress : Direction.ingress;
}
