import type { IpPayload } from './network-layer';

/** Bounds of what waits for its rest: datagrams, their captured bytes in all, and how long (RFC 791: 15 s; Linux: 30 s). */
const MAX_DATAGRAMS = 1024;
const MAX_BYTES = 8 * 1024 * 1024;
const MAX_SECONDS = 30;
const MAX_DATAGRAM_BYTES = 65_535;
const MAX_PARTS = 256;

interface Part {
  readonly offset: number;
  readonly wireLength: number;
  readonly bytes: Uint8Array;
}

interface Datagram {
  readonly since: number;
  readonly parts: Part[];
  /** Length of the whole, once its last fragment was seen. */
  total: number | undefined;
  /** Protocol of the first fragment: the others repeat it under IPv4, and may not under IPv6. */
  protocol: number;
  captured: number;
}

/** Puts fragments of IP datagrams together, in whatever order they come. What is never completed is forgotten. */
export class FragmentTable {
  private readonly datagrams = new Map<string, Datagram>();
  private captured = 0;

  /** The whole datagram when this was the last fragment of it that was missing. `now` in seconds. */
  add(payload: IpPayload, now: number): IpPayload | undefined {
    const { part, addresses, bytes, at, end, wireEnd, protocol } = payload;
    const { frame, sourceAt, targetAt, size } = addresses;
    const wireLength = wireEnd - at;
    if (part === undefined || part.offset + wireLength > MAX_DATAGRAM_BYTES) return undefined;
    this.expire(now);
    const ends = [frame.subarray(sourceAt, sourceAt + size), frame.subarray(targetAt, targetAt + size)];
    const key = `${ends.join(' ')} ${part.id} ${size === 4 ? protocol : ''}`;
    let datagram = this.datagrams.get(key);
    if (datagram === undefined) {
      datagram = { since: now, parts: [], total: undefined, protocol, captured: 0 };
      this.datagrams.set(key, datagram);
    }
    if (part.offset === 0) datagram.protocol = protocol;
    if (!part.more) datagram.total = part.offset + wireLength;
    // A copy: the frame's memory is a large piece of the file.
    datagram.parts.push({ offset: part.offset, wireLength, bytes: bytes.slice(at, end) });
    datagram.captured += end - at;
    this.captured += end - at;
    const whole = assemble(datagram);
    if (whole !== undefined || datagram.parts.length > MAX_PARTS) this.forget(key, datagram);
    while (this.datagrams.size > MAX_DATAGRAMS || this.captured > MAX_BYTES) this.giveUpOldest();
    if (whole === undefined) return undefined;
    return {
      bytes: whole,
      at: 0,
      end: whole.length,
      wireEnd: datagram.total!,
      protocol: datagram.protocol,
      addresses,
    };
  }

  private expire(now: number): void {
    for (const [key, datagram] of this.datagrams) {
      if (Math.abs(now - datagram.since) <= MAX_SECONDS) return;
      this.forget(key, datagram);
    }
  }

  private giveUpOldest(): void {
    for (const [key, datagram] of this.datagrams) {
      this.forget(key, datagram);
      return;
    }
  }

  private forget(key: string, datagram: Datagram): void {
    this.datagrams.delete(key);
    this.captured -= datagram.captured;
  }
}

/**
 * The bytes of a datagram whose fragments leave no gap, up to the first one that was not captured. Where fragments
 * overlap, the one that came first holds.
 */
function assemble({ parts, total }: Datagram): Uint8Array | undefined {
  if (total === undefined || parts.reduce((sum, part) => sum + part.wireLength, 0) < total) return undefined;
  const whole = new Uint8Array(total);
  // A stable sort: of two at one place the earlier stays first.
  const ordered = [...parts].sort((a, b) => a.offset - b.offset);
  let reached = 0;
  let captured = 0;
  for (const { offset, wireLength, bytes } of ordered) {
    if (offset > reached) return undefined;
    const seen = reached - offset;
    if (seen >= wireLength) continue;
    if (captured === reached && bytes.length > seen) {
      const piece = bytes.subarray(seen, total - offset);
      whole.set(piece, reached);
      captured = reached + piece.length;
    }
    reached = offset + wireLength;
  }
  return reached < total ? undefined : whole.subarray(0, captured);
}
