import type { KeyKind } from '../association/association-key';
import { keyHash, mixHash, textHash } from '../association/key-hash';
import { associationKeys, visitKeys, visitKeysOfKind, visitKeyText } from '../association/span-keys';
import type { SpanId } from '../base/brand';
import type { Span } from '../span/span';
import { createKeyTable } from './key-table';
import { type KeyLookup, type MemorySpanIndex, type SpanRole, spanRole } from './span-index';
import { compareSpans } from './span-order';

const ROLES: readonly SpanRole[] = ['client', 'server', 'net', 'app'];
const NOTHING: readonly number[] = [];
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
  /** Holders of the keys that many share, in order, as of the index's size. */
  const sortedHolders = new Map<number, { readonly size: number; readonly positions: readonly number[] }>();
  const scopeHashes = new Map<string, number>();
  let lastScope = '';
  let lastScopeHash = textHash('');
  const inRole: Record<SpanRole, number> = { client: 0, server: 0, net: 0, app: 0 };

  function scopeHash(scope: string): number {
    if (scope === lastScope) return lastScopeHash;
    lastScope = scope;
    lastScopeHash = knownScopeHash(scope);
    return lastScopeHash;
  }

  function knownScopeHash(scope: string): number {
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

  // One visitor for all spans, with the span it works on beside it: a closure a span would cost more than the keys.
  let adding: Span;
  let addingAs: SpanRole;
  let addingAt: number;
  function addEntry(kind: KeyKind, scope: string, value: string | number): void {
    const hash = entryHash(addingAs, kind, scope, value);
    table.add(hash, addingAt);
    if (travels(kind) && adding.type !== 'net') table.add(inProcess(hash, adding), addingAt);
  }

  function add(more: Iterable<Span>): void {
    for (const span of more) {
      if (positions.has(span.id)) continue;
      addingAt = stored.push(span) - 1;
      adding = span;
      addingAs = spanRole(span);
      inRole[addingAs] += 1;
      positions.set(span.id, addingAt);
      visitKeys(span, addEntry);
    }
  }

  let seeking: { readonly child: Span; readonly lookup: KeyLookup; readonly limit: number };
  let sought: readonly number[];
  function seekEntry(kind: KeyKind, scope: string, value: string | number): void {
    const { child, lookup, limit } = seeking;
    const hash = entryHash(lookup.role, kind, scope, value);
    const own = lookup.within === 'process' && travels(kind) ? inProcess(hash, child) : hash;
    const holders = holdersNear(own, child, limit);
    if (sought.length === 0) sought = holders;
    else if (holders.length > 1 || !sought.includes(holders[0] ?? sought[0]!))
      sought = [...new Set([...sought, ...holders])];
  }

  /** Holders of an entry near a time: all when they are few, else the nearest from a list kept in order. */
  function holdersNear(hash: number, child: Span, limit: number): number[] {
    let sorted = sortedHolders.get(hash);
    if (sorted?.size !== stored.length) {
      const few = table.find(hash, SORTED_ABOVE + 1);
      if (few.length <= SORTED_ABOVE) return few;
      const all = table.find(hash).sort((a, b) => compareSpans(stored[a]!, stored[b]!));
      sorted = { size: stored.length, positions: all };
      sortedHolders.set(hash, sorted);
    }
    return nearest(sorted.positions, child.start, limit);
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
    candidates(child, lookup, limit) {
      if (inRole[lookup.role] === 0) return NOTHING;
      sought = NOTHING;
      seeking = { child, lookup, limit };
      visitKeysOfKind(child, lookup.key, seekEntry);
      if (sought.length <= 1) return sought;
      const distance = (position: number) => Math.abs(stored[position]!.start - child.start);
      return sought
        .toSorted((a, b) => distance(a) - distance(b) || compareSpans(stored[a]!, stored[b]!))
        .slice(0, limit);
    },
  };
  index.add(spans);
  return index;
}
