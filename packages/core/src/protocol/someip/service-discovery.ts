import type { MutableFields } from '../protocol-parser';

/**
 * SOME/IP service discovery: AUTOSAR PRS_SOMEIPServiceDiscoveryProtocol, section 4.1 (big endian)
 *
 *   payload = flags (1) · 0 (3) · entries' length (4) · entries · options' length (4) · options
 *   entry   = type (1) · options (3) · service (2) · instance (2) · major version (1) · time to live (3) · minor version (4)
 *             of an event group: … · time to live (3) · 0 (2) · event group (2)
 */
export const DISCOVERY_MESSAGE = 0xffff_8100;

const ENTRY_BYTES = 16;
const ENTRIES_AT = 8;
const OFFER = 1;
const FIRST_GROUP_ENTRY = 4;
/** By type; the second name is for a time to live of 0, which takes it back. */
const ENTRIES: ReadonlyMap<number, readonly [string, string]> = new Map([
  [0, ['FindService', 'FindService']],
  [OFFER, ['OfferService', 'StopOfferService']],
  [6, ['SubscribeEventgroup', 'StopSubscribeEventgroup']],
  [7, ['SubscribeEventgroupAck', 'SubscribeEventgroupNack']],
]);

const hex = (value: number): string => `0x${value.toString(16).padStart(4, '0')}`;

/** The first entry of the payload at `at`. Offers are repeated for as long as the service lives. */
export function readDiscovery(bytes: Uint8Array, at: number, end: number, fields: MutableFields): void {
  fields.method = 'SERVICE_DISCOVERY';
  fields.endpoint = 'SERVICE_DISCOVERY';
  const entry = at + ENTRIES_AT;
  if (entry + ENTRY_BYTES > end) return;
  const u16 = (from: number): number => (bytes[from]! << 8) | bytes[from + 1]!;
  const type = bytes[entry]!;
  const names = ENTRIES.get(type);
  if (names === undefined || (u16(at + 4) === 0 && u16(at + 6) < ENTRY_BYTES)) return;
  const lives = bytes[entry + 9] !== 0 || u16(entry + 10) !== 0;
  fields.method = names[lives ? 0 : 1];
  const service = hex(u16(entry + 4));
  fields.domain = service;
  fields.endpoint = service;
  fields.resource = `${service}.${hex(u16(entry + 6))}`;
  if (type >= FIRST_GROUP_ENTRY) fields.resource += `/${hex(u16(entry + 14))}`;
  if (fields.method === 'SubscribeEventgroupNack') fields.status = 'server_error';
  if (type === OFFER && lives) fields.heartbeat = true;
}
