import { ByteQueue } from '../../format/byte-queue';
import { ClassicPcap } from './classic-pcap';
import type { CorruptRecord, PacketRecord } from './packet-record';
import { Pcapng } from './pcapng';

const MAGIC_BYTES = 4;

/** How the file ended. `from` … `to` = bytes of a record whose rest is missing. */
export type PacketFileEnd =
  | { readonly kind: 'whole' }
  | { readonly kind: 'truncated'; readonly from: number; readonly to: number }
  | { readonly kind: 'corrupt'; readonly from: number; readonly to: number; readonly detail: string };

/** Whether a file that starts with these bytes (four are enough) is pcap or pcapng. */
export function isPacketFile(head: Uint8Array): boolean {
  return head.length >= MAGIC_BYTES && (ClassicPcap.recognises(head) || Pcapng.recognises(head));
}

/** Reads pcap and pcapng files as a stream, in chunks of any size, with memory for one record. It never throws on bad bytes. */
export class PacketFileReader {
  private readonly queue = new ByteQueue();
  private format: ClassicPcap | Pcapng | undefined;
  private bad: CorruptRecord | undefined;
  private received = 0;

  /** How far the file was read: behind the packet that was given last. */
  get position(): number {
    return this.queue.position;
  }

  /** Gives the packets that end within what has arrived. Leave `chunk` alone afterwards. */
  push(chunk: Uint8Array, take: (packet: PacketRecord) => void): void {
    this.received += chunk.length;
    if (this.bad !== undefined || chunk.length === 0) return;
    const { queue } = this;
    queue.append(chunk);
    this.format ??= this.recognise();
    const { format } = this;
    if (format === undefined) return;
    for (let packet = format.next(queue); packet !== undefined; packet = format.next(queue)) take(packet);
    this.bad = format.corrupt;
  }

  end(): PacketFileEnd {
    const to = this.received;
    if (this.bad !== undefined) return { kind: 'corrupt', from: this.bad.from, to, detail: this.bad.detail };
    const from = this.queue.position;
    const boundary = this.format instanceof ClassicPcap ? from > 0 : (this.format?.atBoundary ?? false);
    return this.queue.length === 0 && boundary ? { kind: 'whole' } : { kind: 'truncated', from, to };
  }

  private recognise(): ClassicPcap | Pcapng | undefined {
    const { queue } = this;
    if (queue.length < MAGIC_BYTES) return undefined;
    const head = queue.peek(0, MAGIC_BYTES);
    if (Pcapng.recognises(head)) return new Pcapng();
    if (ClassicPcap.recognises(head)) return new ClassicPcap();
    this.bad = { from: 0, detail: 'this is no packet capture' };
    return undefined;
  }
}
