import { Hash64, type HostId } from '@causeway/core';
import type { CaptureProblem } from '../../format/capture-problem';
import type { CaptureItem, FrameContent } from '../../format/capture-reader';
import { ColumnarBlock } from '../../format/columnar-block';
import { crc32 } from '../../format/crc32';
import type { RawEventBlock } from '../../format/payloads';
import { madeUpHeader } from '../made-up-header';
import { Dissector } from './dissector';
import { type FlowEvent, FlowTable } from './flow-table';
import { PacketBlockBuilder } from './packet-block-builder';
import { PacketFileReader } from './packet-file-reader';
import type { PacketPiece, PacketRecord } from './packet-record';

/** Shown where the file names no interface and the caller no other name. */
const UNNAMED = 'packets';
/** No payload is cut by us; the largest that IP carries. */
const PAYLOAD_LIMIT = 65_535;

/**
 * Turns a packet capture into the items of a Causeway capture, so that whatever reads those reads packets too. Used as
 * `CaptureReader` is: chunks of any size in, items out; bad bytes become `damage`.
 *
 * The header is made up: the host is the file, known by its first block, and both clocks are the packets' own.
 */
export class PacketSource {
  private readonly reader = new PacketFileReader();
  private readonly dissector = new Dissector();
  private readonly builder = new PacketBlockBuilder();
  private readonly flows = new FlowTable((event, packet) => this.addEvent(event, packet));
  /** Full blocks that were not given yet. */
  private ready: RawEventBlock[] = [];
  private hostId: HostId | undefined;
  private nextOrdinal = 0;
  private from = 0;
  private to = 0;
  private lastTime = 0n;

  /** `name` is the interface's where the file does not tell, such as the file's own name. */
  constructor(private readonly name = UNNAMED) {}

  /** Items that are complete. Exhaust the iterator before the next call; leave `chunk` alone afterwards. */
  *push(chunk: Uint8Array): Generator<CaptureItem> {
    for (const piece of this.reader.push(chunk)) {
      this.take(piece);
      if (this.ready.length > 0) yield* this.giveReady();
      this.to = piece.to;
    }
  }

  *end(): Generator<CaptureItem> {
    this.flows.end();
    if (this.builder.count > 0) this.ready.push(this.builder.take());
    if (this.hostId === undefined) yield* this.begin(this.ready[0]);
    yield* this.giveReady();
    const { truncatedPayloads } = this.builder;
    if (truncatedPayloads > 0) {
      const loss = { from: this.lastTime, to: this.lastTime, ringDrops: [], truncatedPayloads };
      yield this.item({ kind: 'loss', loss });
    }
    for (const problem of this.problems()) {
      yield { kind: 'damage', problem, from: this.to, to: this.to, hostId: this.hostId! };
    }
  }

  private take({ packet }: Extract<PacketPiece, { kind: 'packet' }>): void {
    const dissected = this.dissector.dissect(packet);
    if (dissected === undefined) return;
    this.flows.add(dissected, packet, {
      interfaceName: this.interfaceName(packet, dissected.interfaceIndex),
    });
  }

  private interfaceName({ interfaceName }: PacketRecord, index: number | undefined): string {
    if (index === undefined) return interfaceName ?? this.name;
    return `${interfaceName ?? 'if'}${index}`;
  }

  private addEvent(event: FlowEvent, packet: PacketRecord): void {
    if (this.builder.isFullFor(packet)) this.ready.push(this.builder.take());
    this.builder.add(event, packet);
  }

  private *giveReady(): Generator<CaptureItem> {
    const { ready } = this;
    this.ready = [];
    for (const raw of ready) {
      if (this.hostId === undefined) yield* this.begin(raw);
      const block = new ColumnarBlock(raw, this.hostId!, this.nextOrdinal);
      this.nextOrdinal += raw.count;
      this.lastTime = raw.lastTime;
      yield this.item({ kind: 'events', block });
      this.from = this.to;
    }
  }

  /** A file without events has a header all the same. */
  private *begin(first: RawEventBlock | undefined): Generator<CaptureItem> {
    const identity = identify(first);
    this.hostId = identity as HostId;
    yield this.item({
      kind: 'header',
      header: madeUpHeader(identity, first?.base ?? 0n, PAYLOAD_LIMIT),
      sectionOffset: 0,
    });
  }

  private item(content: FrameContent): CaptureItem {
    return { ...content, from: this.from, to: this.to, hostId: this.hostId! };
  }

  private problems(): CaptureProblem[] {
    const problems: CaptureProblem[] = [];
    const { unknownLinkTypes } = this.dissector;
    if (unknownLinkTypes.size > 0) problems.push({ kind: 'unknown-link-type', linkTypes: [...unknownLinkTypes] });
    const end = this.reader.end();
    if (end.kind === 'truncated') problems.push(end);
    if (end.kind === 'corrupt') {
      const { kind, from, to, detail } = end;
      problems.push({ kind, from, to, reason: { kind: 'payload', detail } });
    }
    return problems;
  }
}

/** 32 hex digits that tell this capture from others: the same for the same bytes. */
function identify(block: RawEventBlock | undefined): string {
  const first = new Hash64();
  if (block !== undefined) {
    first.addText(block.base.toString()).add(block.count).add(crc32(block.payload));
    for (const name of Object.keys(block.columns)) first.add(crc32(block.columns[name]!));
    first.add(crc32(block.sockets.remoteAddress!)).add(crc32(block.sockets.localAddress!));
  }
  return first.hex() + new Hash64(first).add(1).hex();
}
