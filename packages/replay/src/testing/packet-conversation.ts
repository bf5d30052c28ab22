import {
  A4,
  B4,
  type Bytes,
  bytes,
  etherFrame,
  type Frame,
  ip4,
  type TcpParts,
  tcp,
} from '../source/pcap/test-packets';

/** `>` the client speaks, `<` the server does. */
export type PacketTurn = readonly ['>' | '<', Bytes | string];

export interface ConversationOptions {
  readonly clientPort?: number;
  readonly serverPort?: number;
  /** Nanoseconds since the epoch of the first packet; each further one comes 1 ms later. */
  readonly start?: number;
  /** Payload of a packet at most. */
  readonly segmentBytes?: number;
  /** First sequence numbers. */
  readonly clientSeq?: number;
  readonly serverSeq?: number;
}

/** The frames of one TCP connection over Ethernet and IPv4, from handshake to the last FIN. */
export function packetConversation(
  turns: readonly PacketTurn[],
  {
    clientPort = 40_000,
    serverPort = 80,
    start = 2e9,
    segmentBytes = 1460,
    clientSeq = 1000,
    serverSeq = 9000,
  }: ConversationOptions = {},
): Frame[] {
  const frames: Frame[] = [];
  const next = { '>': clientSeq, '<': serverSeq };
  const send = (side: '>' | '<', flags: string, payload: Uint8Array = new Uint8Array(0)) => {
    const ack = flags === 'S' ? 0 : next[side === '>' ? '<' : '>'];
    const parts: TcpParts = { seq: next[side], ack, flags };
    const frame =
      side === '>'
        ? ip4(6, tcp(payload, { ...parts, from: clientPort, to: serverPort }))
        : ip4(6, tcp(payload, { ...parts, from: serverPort, to: clientPort }), { source: B4, target: A4 });
    frames.push({ frame: etherFrame(0x0800, frame), time: start + frames.length * 1e6 });
    next[side] = (next[side] + payload.length + (/[SF]/.test(flags) ? 1 : 0)) >>> 0;
  };
  send('>', 'S');
  send('<', 'SA');
  send('>', 'A');
  for (const [side, data] of turns) {
    const payload = bytes(data);
    for (let at = 0; at < payload.length; at += segmentBytes) {
      send(side, 'PA', payload.subarray(at, at + segmentBytes));
    }
  }
  send('>', 'FA');
  send('<', 'FA');
  send('>', 'A');
  return frames;
}
