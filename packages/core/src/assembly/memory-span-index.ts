import type { KeyKind } from '../association/association-key';
import { keyHash, mixHash, textHash } from '../association/key-hash';
import { associationKeys, visitKeysOfKind, visitKeys, visitKeyText } from '../association/span-keys';
import type { SpanId } from '../base/brand';
import type { Span } from '../span/span';
import { createKeyTable } from './key-table';
import { type MemorySpanIndex, type SpanRole, spanRole } from './span-index';
import { compareSpans } from './span-order';

const ROLES: readonly SpanRole[] = ['client', 'server', 'net', 'app'];
const ROLE_SEED: Record<SpanRole, number> = { client: 1, server: 2, net: 3, app: 4 };
/** A key with more holders than this (a trace id that a load generator repeats) gets a list sorted by time. */
const SORTED_ABOVE = 64;

/** Kinds whose values travel between processes, so that rules within one process need an entry of its own. */
const travels = (kind: KeyKind) => kind === 'x-request-id' || kind === 'trace-id';

/**
 * Spans by id and by association key, in memory; 1 M spans take about 100 MB beside the spans themselves. Spans may be
 * added at any time. Every role has its own entries, so that a request with ten thousand calls under one systrace id
 * still finds its server span at once.
 */
export function createSpanIndex(spans: Iterable<Span> = []): MemorySpanIndex {
  const stored: Span[] = [];
  const positions = new Map<SpanId, number>();
  const table = createKeyTable();
  const sortedHolders = new Map<number, number[]>();
  const scopeHashes = new Map<string, number>();

  function scopeHash(scope: string): number {
    let hash = scopeHashes.get(scope);
    if (hash === undefined) {
      hash = textHash(scope);
      scopeHashes.set(scope, hash);
    }
    return hash;
  }

  const entryHash = (role: SpanRole, kind: KeyKind, scope: string, value: string | number) =>
    mixHash(keyHash(kind, scopeHash(scope), value), ROLE_SEED[role]);

  const inProcess = (hash: number, span: Span) =>
    mixHash(mixHash(hash, scopeHash(span.hostId)), span.type === 'net' ? 0 : (span.pid ?? 0));

  function add(more: Iterable<Span>): void {
    for (const span of more) {
      if (positions.has(span.id)) continue;
      const position = stored.push(span) - 1;
      positions.set(span.id, position);
      const role = spanRole(span);
      visitKeys(span, (kind, scope, value) => {
        const hash = entryHash(role, kind, scope, value);
        table.add(hash, position);
        if (travels(kind) && span.type !== 'net') table.add(inProcess(hash, span), position);
      });
    }
  }

  /** Holders of an entry near a time: all when they are few, else the nearest from a list kept in order. */
  function holdersNear(hash: number, child: Span, limit: number): number[] {
    const found = table.find(hash);
    if (found.length <= SORTED_ABOVE) return found;
    let sorted = sortedHolders.get(hash);
    if (sorted?.length !== found.length) {
      sorted = found.sort((a, b) => compareSpans(stored[a]!, stored[b]!));
      sortedHolders.set(hash, sorted);
    }
    return nearest(sorted, child.start, limit);
  }

  function nearest(sorted: readonly number[], start: number, limit: number): number[] {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (stored[sorted[middle]!]!.start <= start) low = middle + 1;
      else high = middle;
    }
    const near: number[] = [];
    let before = low - 1;
    let after = low;
    while (near.length < limit && (before >= 0 || after < sorted.length)) {
      const back = before >= 0 ? start - stored[sorted[before]!]!.start : Number.POSITIVE_INFINITY;
      const ahead = after < sorted.length ? stored[sorted[after]!]!.start - start : Number.POSITIVE_INFINITY;
      near.push(back <= ahead ? sorted[before--]! : sorted[after++]!);
    }
    return near;
  }

  const index: MemorySpanIndex = {
    add,
    get size() {
      return stored.length;
    },
    all: () => stored.values(),
    at: (position) => stored[position]!,
    get(id) {
      const position = positions.get(id);
      return position === undefined ? undefined : stored[position];
    },
    positionOf: (id) => positions.get(id),
    findByKeys(keys) {
      const asked = new Set(keys);
      const found = new Set<number>();
      for (const key of asked) {
        visitKeyText(key, (kind, scope, value) => {
          for (const role of ROLES) for (const at of table.find(entryHash(role, kind, scope, value))) found.add(at);
        });
      }
      return [...found]
        .sort((a, b) => a - b)
        .map((at) => stored[at]!)
        .filter((span) => associationKeys(span).some((key) => asked.has(key)));
    },
    candidates(child, { key, role, within }, limit) {
      let found: number[] | undefined;
      visitKeysOfKind(child, key, (kind, scope, value) => {
        const hash = entryHash(role, kind, scope, value);
        const holders = holdersNear(within === 'process' && travels(kind) ? inProcess(hash, child) : hash, child, limit);
        found = found === undefined ? holders : [...new Set([...found, ...holders])];
      });
      if (found === undefined || found.length <= 1) return found ?? [];
      const distance = (position: number) => Math.abs(stored[position]!.start - child.start);
      return found
        .sort((a, b) => distance(a) - distance(b) || compareSpans(stored[a]!, stored[b]!))
        .slice(0, limit);
    },
  };
  index.add(spans);
  return index;
}
