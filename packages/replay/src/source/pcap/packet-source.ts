import { Hash64, type HostId } from '@causeway/core';
import type { CaptureProblem } from '../../format/capture-problem';
import type { CaptureItem, FrameContent } from '../../format/capture-reader';
import { ColumnarBlock } from '../../format/columnar-block';
import { type FrameCodec, portableCodec } from '../../format/frame-codec';
import { KnownSockets } from '../../format/known-sockets';
import type { RawEventBlock } from '../../format/payloads';
import { madeUpHeader } from '../made-up-header';
import { Dissector } from './dissector';
import { type FlowEvent, FlowTable } from './flow-table';
import { PacketBlockBuilder } from './packet-block-builder';
import { PacketFileReader } from './packet-file-reader';
import type { PacketRecord } from './packet-record';

/** Shown where the file names no interface and the caller no other name. */
const UNNAMED = 'packets';
/** No payload is cut by us; the largest that IP carries. */
const PAYLOAD_LIMIT = 65_535;

interface FullBlock {
  readonly raw: RawEventBlock;
  /** Where its last packet ends in the file. */
  readonly to: number;
}

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
  private readonly takePacket = (packet: PacketRecord) => this.take(packet);
  private readonly knownSockets = new KnownSockets();
  private readonly flows = new FlowTable((event, packet) => this.addEvent(event, packet));
  /** Full blocks that were not given yet. */
  private ready: FullBlock[] = [];
  private hostId: HostId | undefined;
  private nextOrdinal = 0;
  private from = 0;
  private to = 0;
  private lastTime = 0n;

  /** `name` is the interface's where the file does not tell, such as the file's own name. */
  constructor(
    private readonly name = UNNAMED,
    private readonly codec: Pick<FrameCodec, 'crc32'> = portableCodec,
  ) {}

  /** Items that are complete. Exhaust the iterator before the next call; leave `chunk` alone afterwards. */
  *push(chunk: Uint8Array): Generator<CaptureItem> {
    this.reader.push(chunk, this.takePacket);
    yield* this.giveReady();
  }

  *end(): Generator<CaptureItem> {
    this.flows.end();
    if (this.builder.count > 0) this.closeBlock();
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

  private take(packet: PacketRecord): void {
    const dissected = this.dissector.dissect(packet);
    if (dissected !== undefined) {
      this.flows.add(dissected, packet, { interfaceName: this.interfaceName(packet, dissected.interfaceIndex) });
    }
    this.to = this.reader.position;
  }

  private interfaceName({ interfaceName }: PacketRecord, index: number | undefined): string {
    if (index === undefined) return interfaceName ?? this.name;
    return `${interfaceName ?? 'if'}${index}`;
  }

  private addEvent(event: FlowEvent, packet: PacketRecord): void {
    if (this.builder.isFullFor(packet)) this.closeBlock();
    this.builder.add(event, packet);
  }

  /** It ends with the packet before the one that is being taken. */
  private closeBlock(): void {
    this.ready.push({ raw: this.builder.take(), to: this.to });
  }

  private *giveReady(): Generator<CaptureItem> {
    const { ready } = this;
    this.ready = [];
    for (const full of ready) {
      const { raw, to } = full;
      if (this.hostId === undefined) yield* this.begin(full);
      const block = new ColumnarBlock(raw, this.hostId!, this.nextOrdinal, this.knownSockets);
      this.nextOrdinal += raw.count;
      this.lastTime = raw.lastTime;
      yield this.item({ kind: 'events', block }, to);
      this.from = to;
    }
  }

  /** A file without events has a header all the same. */
  private *begin(first: FullBlock | undefined): Generator<CaptureItem> {
    const identity = identify(first?.raw, this.codec);
    this.hostId = identity as HostId;
    const header = madeUpHeader(identity, first?.raw.base ?? 0n, PAYLOAD_LIMIT);
    yield this.item({ kind: 'header', header, sectionOffset: 0 }, first?.to);
  }

  private item(content: FrameContent, to = this.to): CaptureItem {
    return { ...content, from: this.from, to, hostId: this.hostId! };
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
function identify(block: RawEventBlock | undefined, { crc32 }: Pick<FrameCodec, 'crc32'>): string {
  const first = new Hash64();
  if (block !== undefined) {
    first.addText(block.base.toString()).add(block.count).add(crc32(block.payload));
    for (const name of Object.keys(block.columns)) first.add(crc32(block.columns[name]!));
    first.add(crc32(block.sockets.remoteAddress!)).add(crc32(block.sockets.localAddress!));
  }
  return first.hex() + new Hash64(first).add(1).hex();
}
