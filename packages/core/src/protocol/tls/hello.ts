import { Cursor } from '../../base/cursor';
import { decodeText } from '../../base/text';

/**
 * ClientHello and ServerHello: RFC 8446, section 4.1; the forms of earlier versions are the same.
 *
 *   handshake   = type (1) · length (3) · body
 *   ClientHello = version (2) · random (32) · session <1> · cipher suites <2> · compressions <1> · [ extensions <2> ]
 *   ServerHello = version (2) · random (32) · session <1> · cipher suite (2) · compression (1) · [ extensions <2> ]
 *   extension   = type (2) · body <2>                                   <n> = preceded by a length of n bytes
 */
export interface Hello {
  /** Highest version on offer, or the one agreed on: `1.3`. */
  version: string | undefined;
  serverName: string | undefined;
  /** Application protocols on offer, or the one agreed on. */
  applicationProtocols: string[];
  /** What a server chose. */
  cipherSuite: number | undefined;
  /** Asks for another ClientHello: RFC 8446, section 4.1.4. */
  isRetry: boolean;
}

const Extension = { serverName: 0, applicationProtocols: 16, supportedVersions: 43 } as const;
const RANDOM = 32;
/** SHA-256 of "HelloRetryRequest", which stands for the random number: its first eight bytes. */
const RETRY = [0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11];
const HANDSHAKE_HEAD = 4;
const MAX_PROTOCOLS = 16;
const MAX_NAME = 255;

const cursor = new Cursor();

/** Reads the handshake message in `bytes[start..end)`, as far as it is there. Undefined = it is no hello. */
export function readHello(bytes: Uint8Array, start: number, end: number, isClient: boolean): Hello | undefined {
  cursor.reset(bytes, start + HANDSHAKE_HEAD, end, true);
  const hello: Hello = {
    version: undefined,
    serverName: undefined,
    applicationProtocols: [],
    cipherSuite: undefined,
    isRetry: false,
  };
  const version = cursor.u16();
  const random = cursor.position;
  cursor.skip(RANDOM);
  cursor.skip(cursor.u8());
  if (cursor.overrun || version >> 8 !== 3) return undefined;
  hello.version = versionName(version);
  if (isClient) {
    cursor.skip(cursor.u16());
    cursor.skip(cursor.u8());
  } else {
    hello.isRetry = RETRY.every((byte, i) => bytes[random + i] === byte);
    hello.cipherSuite = cursor.u16();
    cursor.skip(1);
    if (cursor.overrun) return undefined;
  }
  const extensions = cursor.u16();
  if (!cursor.overrun) readExtensions(bytes, cursor.position, Math.min(cursor.position + extensions, end), hello);
  return hello;
}

function readExtensions(bytes: Uint8Array, from: number, end: number, hello: Hello): void {
  let at = from;
  while (at + 4 <= end) {
    cursor.reset(bytes, at, end, true);
    const type = cursor.u16();
    const length = cursor.u16();
    const start = cursor.position;
    at = start + length;
    if (at > end) return;
    cursor.reset(bytes, start, at, true);
    if (type === Extension.serverName) readServerName(hello);
    else if (type === Extension.applicationProtocols) readApplicationProtocols(hello);
    else if (type === Extension.supportedVersions) readVersions(hello);
  }
}

/** RFC 6066, section 3: a list of names, of which only host names are defined. A server answers with nothing. */
function readServerName(hello: Hello): void {
  cursor.skip(2);
  const type = cursor.u8();
  const length = cursor.u16();
  if (cursor.overrun || type !== 0 || length === 0 || length > Math.min(MAX_NAME, cursor.remaining)) return;
  hello.serverName = decodeText(cursor.bytes, cursor.position, cursor.position + length);
}

/** RFC 7301, section 3.1. */
function readApplicationProtocols(hello: Hello): void {
  cursor.skip(2);
  while (cursor.remaining > 0 && hello.applicationProtocols.length < MAX_PROTOCOLS) {
    const length = cursor.u8();
    if (length === 0 || length > cursor.remaining) return;
    hello.applicationProtocols.push(decodeText(cursor.bytes, cursor.position, cursor.position + length));
    cursor.skip(length);
  }
}

/** RFC 8446, section 4.2.1: a list of a client's, or the one version that the server chose. */
function readVersions(hello: Hello): void {
  if (cursor.remaining % 2 === 1) cursor.skip(1);
  let highest = 0;
  while (cursor.remaining >= 2) {
    const version = cursor.u16();
    // Values 0x?a?a come from clients that try what a server bears (RFC 8701).
    if (version >> 8 === 3 && version > highest) highest = version;
  }
  if (highest > 0) hello.version = versionName(highest);
}

function versionName(version: number): string | undefined {
  return [undefined, '1.0', '1.1', '1.2', '1.3'][version & 0xff] ?? (version === 0x0300 ? 'SSL 3.0' : undefined);
}
