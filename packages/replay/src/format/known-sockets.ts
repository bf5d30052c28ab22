import type { SocketInfo } from '@causeway/core';

/** Beyond so many all are forgotten: those in use are made anew once. */
const MAX_KNOWN = 8192;

interface Known {
  readonly row: Uint32Array;
  readonly socket: SocketInfo;
}

/**
 * The sockets that the blocks of one capture have described so far. Each block describes its sockets anew, nearly always in
 * the same words: the same row is then the same object, made and kept once.
 */
export class KnownSockets {
  /** By id, rounded to a double: another one of the same number replaces the first. */
  private readonly known = new Map<number, Known>();

  /** The socket of a row, told by the words that it is stored in, the id's two first. `make` is called for a new one. */
  find(row: Uint32Array, make: () => SocketInfo): SocketInfo {
    const key = row[1]! * 0x1_0000_0000 + row[0]!;
    const known = this.known.get(key);
    if (known !== undefined && areEqual(known.row, row)) return known.socket;
    if (this.known.size >= MAX_KNOWN) this.known.clear();
    const socket = make();
    this.known.set(key, { row: row.slice(), socket });
    return socket;
  }
}

function areEqual(a: Uint32Array, b: Uint32Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
