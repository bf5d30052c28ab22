import { EventFlag, EventKind, startSequence } from '@causeway/core';
import { SocketTransport, StoredRole } from '@causeway/replay';
import type { Conversation, NativeSession } from '../native/native-addon';
import type { BlockSpace } from './block-space';
import type { CallBytes, PayloadPolicy, StreamMemory } from './payload-policy';
import { RAW_EVENT_BYTES, RawEvent } from './raw-event';
import type { SocketIdentity, SocketTuple } from './socket-registry';

/** Who spares us what would be left out or cut here: the kernel programs. */
export type Verdicts = Pick<NativeSession, 'decide' | 'forget'>;

/**
 * Leaves events out by what their connections say: by protocol whole connections, by endpoint turns of them. What is decided about
 * a whole connection the kernel programs are told, too; what they had recorded before that is dealt with here.
 */
export class ConversationFilter {
  constructor(
    private readonly policy: PayloadPolicy,
    private readonly verdicts?: Verdicts,
  ) {}

  /**
   * The flags that the row, which is of this socket, is to get in addition, or `undefined`: it is left out. Its payload begins at
   * `start`. To be asked for each row, in order.
   */
  flagsOf(space: BlockSpace, row: number, { identity, transport }: SocketTuple, start: number): number | undefined {
    const { kind, flags, payloadLength, result, direction } = space.columns;
    const isPlaintext = (flags[row]! & EventFlag.tls) !== 0;
    const memory = isPlaintext ? identity.plaintext : identity;
    if (kind[row] === EventKind.close) this.forget(identity, space, row);
    if (kind[row] === EventKind.data) {
      const call: CallBytes = {
        ...{ bytes: space.payload, from: start, length: payloadLength[row]!, moved: result[row]! },
        ...{ direction: direction[row]!, transport: transportOf(transport) },
        ...(identity.role !== StoredRole.unknown && { isClient: identity.role === StoredRole.client }),
      };
      this.policy.learn(memory, call);
      this.decide(memory, conversationOf(space, row, isPlaintext));
      if (this.policy.leavesOut(memory)) return undefined;
      return call.moved > 0 ? this.flagsOfCall(memory, space, row, call) : 0;
    }
    if (!this.policy.leavesOut(memory)) return 0;
    if (kind[row] === EventKind.close) identity.closed = true;
    return undefined;
  }

  private flagsOfCall(memory: StreamMemory, space: BlockSpace, row: number, call: CallBytes): number | undefined {
    const end = endSequence(space, row, call.moved);
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

  private forget(identity: SocketIdentity, space: BlockSpace, row: number): void {
    if (identity.decided) this.verdicts?.forget(...conversationOf(space, row, false));
    if (identity.plaintext.decided) this.verdicts?.forget(...conversationOf(space, row, true));
  }
}

function transportOf(transport: number): CallBytes['transport'] {
  return transport === SocketTransport.udp ? 'udp' : transport === SocketTransport.unix ? 'unix' : 'tcp';
}

function conversationOf({ columns, sockets: { u32 } }: BlockSpace, row: number, plaintext: boolean): Conversation {
  const word = (columns.socket[row]! * RAW_EVENT_BYTES) >> 2;
  const [low, high] = [u32[word + RawEvent.socket / 4]!, u32[word + RawEvent.socket / 4 + 1]!];
  return [low, high, u32[word + RawEvent.inode / 4]!, plaintext];
}

/** The sequence number behind the last byte that a call moved; `undefined` = not known. */
function endSequence({ columns }: BlockSpace, row: number, moved: number): number | undefined {
  if ((columns.flags[row]! & EventFlag.tcpSeq) === 0) return undefined;
  const { tcpSeqEnter, tcpSeqExit, abi, detail } = columns;
  const start = startSequence(tcpSeqEnter[row]!, tcpSeqExit[row]!, moved, abi[row]!, detail[row]!);
  return start === undefined ? undefined : (start + moved) >>> 0;
}
