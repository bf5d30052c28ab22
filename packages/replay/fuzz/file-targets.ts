import type { FuzzTarget } from '@causeway/core/testing';
import { type CaptureItem, CaptureReader } from '../src/format/capture-reader';
import { crc32 } from '../src/format/crc32';
import { readEvent } from '../src/format/read-event';
import { Dissector } from '../src/source/pcap/dissector';
import { FlowTable } from '../src/source/pcap/flow-table';
import { PacketFileReader } from '../src/source/pcap/packet-file-reader';
import { SEGMENT_FRAMES } from '../src/source/pcap/test-frames';
import { joinBytes, packetConversation, pcapFile, pcapngBlocks, sampleCapture } from '../src/testing/index';

/** In two chunks, at a place that the bytes themselves decide. */
function chunks(data: Uint8Array): readonly Uint8Array[] {
  const at = data.length === 0 ? 0 : (data[data.length >> 1]! * data.length) >> 8;
  return [data.slice(0, at), data.slice(at)];
}

/** Reads everything that a capture holds, as its users would. */
function readCapture(data: Uint8Array): void {
  const reader = new CaptureReader();
  const use = (item: CaptureItem) => {
    if (item.kind !== 'events') return;
    for (let row = 0; row < item.block.count; row += 1) readEvent(item.block, row);
  };
  for (const chunk of chunks(data)) for (const item of reader.push(chunk)) use(item);
  for (const item of reader.end()) use(item);
}

/** From the file's bytes to what each connection's streams get. */
function readPackets(data: Uint8Array): void {
  const reader = new PacketFileReader();
  const dissector = new Dissector();
  const flows = new FlowTable(({ payload, length, sequence }) => {
    if (!(length >= payload.length)) throw new Error(`${payload.length} bytes of payload in ${length}`);
    if (!Number.isSafeInteger(sequence)) throw new Error(`sequence number ${sequence}`);
  });
  for (const chunk of chunks(data)) {
    reader.push(chunk, (packet) => {
      const dissected = dissector.dissect(packet);
      if (dissected !== undefined) flows.add(dissected, packet, { interfaceName: packet.interfaceName ?? 'fuzz' });
    });
  }
  flows.end();
  reader.end();
}

const MAGIC = [0xc4, 8, ...new TextEncoder().encode('CAUSEWAY')];

/** A capture whose frames' checksums fit, so that what is in them is read: each is a kind u8, a length u16 and its payload. */
function framed(data: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.from(MAGIC)];
  for (let at = 0; at + 3 <= data.length; ) {
    const length = (data[at + 1]! << 8) | data[at + 2]!;
    const payload = data.subarray(at + 3, at + 3 + length);
    const head = new DataView(new ArrayBuffer(13));
    head.setUint8(0, 0x94);
    head.setUint8(1, data[at]! & 0x7f);
    head.setUint8(2, 0xce);
    head.setUint32(3, crc32(payload));
    head.setUint8(8, 0xc6);
    head.setUint32(9, payload.length);
    parts.push(new Uint8Array(head.buffer), payload);
    at += 3 + length;
  }
  return joinBytes(parts);
}

/** The reverse, for a plain capture of one section. */
function unframed(capture: Uint8Array): Uint8Array {
  const view = new DataView(capture.buffer, capture.byteOffset, capture.length);
  const parts: Uint8Array[] = [];
  for (let at = MAGIC.length; at + 13 <= capture.length; ) {
    const length = view.getUint32(at + 9);
    if (length <= 0xffff) {
      parts.push(
        Uint8Array.of(capture[at + 1]!, length >> 8, length & 0xff),
        capture.subarray(at + 13, at + 13 + length),
      );
    }
    at += 13 + length;
  }
  return joinBytes(parts);
}

const CONVERSATION = packetConversation([
  ['>', 'GET /a HTTP/1.1\r\nHost: h\r\n\r\n'],
  ['<', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'],
]);
const { section, interface: interfaceBlock, enhanced, simple } = pcapngBlocks(true);

const CAPTURES = [sampleCapture()];

export const targets: readonly FuzzTarget[] = [
  {
    name: 'capture',
    maxBytes: 8192,
    seeds: CAPTURES,
    run: readCapture,
  },
  {
    name: 'capture-frames',
    maxBytes: 8192,
    seeds: CAPTURES.map(unframed),
    run: (data) => readCapture(framed(data)),
  },
  {
    name: 'pcap',
    maxBytes: 2048,
    seeds: [
      pcapFile(CONVERSATION),
      pcapFile(CONVERSATION.slice(0, 5), { magic: 0xa1b23c4d, little: false }),
      pcapFile(CONVERSATION.slice(0, 5), { magic: 0xa1b2cd34 }),
      ...SEGMENT_FRAMES.map(([, frame, linkType]) => pcapFile([{ frame }], { linkType })),
    ],
    run: readPackets,
  },
  {
    name: 'pcapng',
    maxBytes: 2048,
    seeds: [
      joinBytes([
        section(),
        interfaceBlock(1),
        ...CONVERSATION.map(({ frame }, i) => enhanced(0, BigInt(i * 1000), frame)),
        simple(CONVERSATION[0]!.frame),
      ]),
    ],
    run: readPackets,
  },
];
