import { EventFlag, EventKind, startSequence } from '@causeway/core';
import { StoredRole } from '@causeway/replay';
import type { Conversation, NativeSession } from '../native/native-addon';
import type { CallBytes, PayloadPolicy, StreamMemory } from './payload-policy';
import { RawEvent, type RawEvents } from './raw-event';
import type { SocketIdentity, SocketRegistry } from './socket-registry';

const UDP = 17;
const TWO_32 = 0x1_0000_0000;

/** Who spares us what would be left out or cut here: the kernel programs. */
export type Verdicts = Pick<NativeSession, 'decide' | 'forget'>;

/**
 * Leaves events out by what their connections say: by protocol whole connections, by endpoint turns of them. What is decided about
 * a whole connection the kernel programs are told, too; what they had recorded before that is dealt with here.
 */
export class ConversationFilter {
  constructor(
    private readonly registry: SocketRegistry,
    private readonly policy: PayloadPolicy,
    private readonly verdicts?: Verdicts,
  ) {}

  /**
   * The flags that the record at byte `at`, which has a socket, is to get in addition, or `undefined`: it is left out. Its payload
   * begins at `start`. To be asked for each record, in order.
   */
  flagsOf(events: RawEvents, at: number, payload: Uint8Array, start: number): number | undefined {
    const kind = events.u8[at + RawEvent.kind]!;
    const { identity } = this.registry.tupleOf(events, at);
    const isPlaintext = (events.u16[(at + RawEvent.flags) >> 1]! & EventFlag.tls) !== 0;
    const memory = isPlaintext ? identity.plaintext : identity;
    if (kind === EventKind.close) this.forget(identity, events, at);
    if (kind === EventKind.data) {
      const call = callOf(events, at, payload, start, identity);
      this.policy.learn(memory, call);
      this.decide(memory, conversationOf(events, at, isPlaintext));
      if (this.policy.leavesOut(memory)) return undefined;
      return call.moved > 0 ? this.flagsOfCall(memory, events, at, call) : 0;
    }
    if (!this.policy.leavesOut(memory)) return 0;
    if (kind === EventKind.close) identity.closed = true;
    return undefined;
  }

  private flagsOfCall(memory: StreamMemory, events: RawEvents, at: number, call: CallBytes): number | undefined {
    const end = endSequence(events, at, call.moved);
    if (this.policy.leavesOutTurn(memory, call)) {
      memory.filteredUpTo ??= [undefined, undefined, undefined];
      memory.filteredUpTo[call.direction] = end;
      return undefined;
    }
    const filteredUpTo = memory.filteredUpTo?.[call.direction];
    if (filteredUpTo === undefined) return 0;
    memory.filteredUpTo![call.direction] = undefined;
    // If anything else is missing in between, it was lost, and should look like it.
    return end !== undefined && (end - call.moved) >>> 0 === filteredUpTo ? EventFlag.afterFiltered : 0;
  }

  private decide(memory: StreamMemory, conversation: Conversation): void {
    if (memory.decided !== undefined || memory.protocol === undefined) return;
    const limit = this.policy.verdict(memory);
    memory.decided = limit !== undefined;
    if (limit !== undefined) this.verdicts?.decide(...conversation, limit);
  }

  private forget(identity: SocketIdentity, events: RawEvents, at: number): void {
    if (identity.decided) this.verdicts?.forget(...conversationOf(events, at, false));
    if (identity.plaintext.decided) this.verdicts?.forget(...conversationOf(events, at, true));
  }
}

function conversationOf({ u32 }: RawEvents, at: number, plaintext: boolean): Conversation {
  const word = at >> 2;
  const [low, high] = [u32[word + RawEvent.socket / 4]!, u32[word + RawEvent.socket / 4 + 1]!];
  return [low, high, u32[word + RawEvent.inode / 4]!, plaintext];
}

function callOf(events: RawEvents, at: number, bytes: Uint8Array, from: number, identity: SocketIdentity): CallBytes {
  const { u8, u32, i32 } = events;
  const word = at >> 2;
  const transport = u8[at + RawEvent.transport];
  return {
    bytes,
    from,
    length: u32[word + RawEvent.payloadLength / 4]!,
    moved: i32[word + RawEvent.result / 4 + 1]! * TWO_32 + u32[word + RawEvent.result / 4]!,
    direction: u8[at + RawEvent.direction]!,
    transport: transport === UDP ? 'udp' : transport === 0 ? 'unix' : 'tcp',
    ...(identity.role !== StoredRole.unknown && { isClient: identity.role === StoredRole.client }),
  };
}

/** The sequence number behind the last byte that a call moved; `undefined` = not known. */
function endSequence({ u8, u16, u32 }: RawEvents, at: number, moved: number): number | undefined {
  if ((u16[(at + RawEvent.flags) >> 1]! & EventFlag.tcpSeq) === 0) return undefined;
  const word = at >> 2;
  const start = startSequence(
    u32[word + RawEvent.tcpSeqEnter / 4]!,
    u32[word + RawEvent.tcpSeqExit / 4]!,
    moved,
    u8[at + RawEvent.abi]!,
    u32[word + RawEvent.detail / 4]!,
  );
  return start === undefined ? undefined : (start + moved) >>> 0;
}
