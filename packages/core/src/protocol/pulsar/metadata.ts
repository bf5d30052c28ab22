import { ProtobufFields, Wire } from './protobuf';

const BROKER_METADATA = 0x0e02;
const CHECKSUM = 0x0e01;
const MAX_PROPERTIES = 64;
const Metadata = { properties: 4, compression: 8, messages: 11, encryptionKeys: 13 } as const;
const SINGLE_PROPERTIES = 1;

/**
 * Calls back for each property of a message; for a batch that is neither compressed nor encrypted those of its first
 * message, whose metadata stands in the payload behind its length (4).
 */
export function readMessageMetadata(
  bytes: Uint8Array,
  from: number,
  end: number,
  visit: (name: string, value: string) => void,
): void {
  let at = from;
  if (u16(bytes, at, end) === BROKER_METADATA) at += 6 + u32(bytes, at + 2, end);
  if (u16(bytes, at, end) === CHECKSUM) at += 6;
  const length = u32(bytes, at, end);
  at += 4;
  const payload = at + length;
  if (at >= end) return;
  const fields = new ProtobufFields(bytes, at, Math.min(payload, end));
  let inBatch = false;
  let opaque = false;
  let count = 0;
  while (fields.next()) {
    if (fields.number === Metadata.properties && fields.wire === Wire.bytes) {
      count += 1;
      if (count > MAX_PROPERTIES) return;
      visitProperty(fields.inner(), visit);
    } else if (fields.number === Metadata.messages) inBatch = true;
    else if (
      fields.number === Metadata.encryptionKeys ||
      (fields.number === Metadata.compression && fields.value > 0)
    ) {
      opaque = true;
    }
  }
  if (!inBatch || opaque || payload + 4 >= end) return;
  const stop = payload + 4 + u32(bytes, payload, end);
  const single = new ProtobufFields(bytes, payload + 4, Math.min(stop, end));
  for (let i = 0; i < MAX_PROPERTIES && single.next(); i += 1) {
    if (single.number === SINGLE_PROPERTIES && single.wire === Wire.bytes) visitProperty(single.inner(), visit);
  }
}

/** KeyValue: key 1, value 2. */
function visitProperty(pair: ProtobufFields, visit: (name: string, value: string) => void): void {
  let name = '';
  let value = '';
  while (pair.next()) {
    if (pair.number === 1) name = pair.text;
    else if (pair.number === 2) value = pair.text;
  }
  if (!pair.broken) visit(name, value);
}

function u16(bytes: Uint8Array, at: number, end: number): number {
  return at + 2 > end ? -1 : (bytes[at]! << 8) | bytes[at + 1]!;
}

function u32(bytes: Uint8Array, at: number, end: number): number {
  return at + 4 > end ? 0 : u16(bytes, at, end) * 0x1_0000 + u16(bytes, at + 2, end);
}
