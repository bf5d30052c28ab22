import { type AssociationKey, KEY_KINDS, LOOKUP_KINDS, type LookupKind } from '../association/association-key';
import { keyHash, mixHash, textHash } from '../association/key-hash';
import { holdsKey, keyText, visitKeys, visitKeysOfKind, visitKeyText, visitSpanId } from '../association/span-keys';
import type { SpanId } from '../base/brand';
import type { Span } from '../span/span';
import { KeyTable } from './key-table';
import { type KeyLookup, type MemorySpanIndex, type SpanRole, spanRole } from './span-index';
import { compareSpans } from './span-order';

const ROLES: readonly SpanRole[] = ['client', 'server', 'net', 'app'];
const NOTHING: readonly number[] = [];
/** Any numbers far apart. */
const ROLE_SEED: Record<SpanRole, number> = {
  client: 0x3c6ef372,
  server: 0x5be0cd19,
  net: 0x6a09e667,
  app: 0x1f83d9ab,
};
/** A key with more holders than this (a trace id that a load generator repeats) gets a list sorted by time. */
const SORTED_ABOVE = 64;

/** By place among LOOKUP_KINDS, which begin with the KEY_KINDS. */
const KIND_BIT = Object.fromEntries(LOOKUP_KINDS.map((kind, i) => [kind, 1 << i])) as Record<LookupKind, number>;

/** Most spans have both systrace ids and both TCP sequences. */
const KEYS_PER_SPAN = 4;

/** Kinds whose values travel between processes, so that rules within one process need an entry of its own. */
const travels = (kind: LookupKind) => kind === 'x-request-id' || kind === 'trace-id';

/**
 * Spans by id and by association key, in memory; 1 M spans take about 100 MB beside the spans themselves. Spans may be
 * added at any time. Every role has its own entries, so that a request with ten thousand calls under one systrace id
 * still finds its server span at once.
 */
export function createSpanIndex(spans: Iterable<Span> = []): MemorySpanIndex {
  return new HashedSpanIndex(spans);
}

class HashedSpanIndex implements MemorySpanIndex {
  private readonly stored: Span[] = [];
  private readonly ids: KeyTable;
  private readonly table: KeyTable;
  /** Holders of the keys that many share, in order, as of the index's size. */
  private readonly sortedHolders = new Map<number, { readonly size: number; readonly positions: readonly number[] }>();
  private readonly scopeHashes = new Map<string, number>();
  private lastScope = '';
  private lastScopeHash = textHash('');
  /** Kinds of the keys that spans in a role were entered by, as bits: most captures have few, and most look-ups none. */
  private readonly kindsInRole: Record<SpanRole, number> = { client: 0, server: 0, net: 0, app: 0 };

  // One visitor for all spans, with what it works on beside it: a closure a span would cost more than the keys.
  private adding!: Span;
  private addingAs!: SpanRole;
  private addingAt!: number;
  private readonly addEntry = (kind: LookupKind, scope: string, value: string | number): void => {
    const hash = this.entryHash(this.addingAs, kind, scope, value);
    this.table.add(hash, this.addingAt);
    if (travels(kind) && this.adding.type !== 'net') this.table.add(this.inProcess(hash, this.adding), this.addingAt);
  };

  private seeker!: Span;
  private lookup!: KeyLookup;
  private seekingRole!: SpanRole;
  private limit!: number;
  private sought: readonly number[] = NOTHING;
  private readonly seekEntry = (kind: LookupKind, scope: string, value: string | number): void => {
    const { seeker, lookup, sought } = this;
    const hash = this.entryHash(this.seekingRole, kind, scope, value);
    const own = lookup.within === 'process' && travels(kind) ? this.inProcess(hash, seeker) : hash;
    const holders = this.holdersNear(own, seeker, this.limit);
    if (sought.length === 0) this.sought = holders;
    else if (holders.length > 1 || !sought.includes(holders[0] ?? sought[0]!)) {
      this.sought = [...new Set([...sought, ...holders])];
    }
  };

  constructor(spans: Iterable<Span>) {
    const expected = Array.isArray(spans) ? spans.length : 0;
    this.ids = new KeyTable(expected);
    this.table = new KeyTable(expected * KEYS_PER_SPAN);
    this.add(spans);
  }

  get size(): number {
    return this.stored.length;
  }

  all(): Iterable<Span> {
    return this.stored.values();
  }

  at(position: number): Span {
    return this.stored[position]!;
  }

  get(id: SpanId): Span | undefined {
    const position = this.positionOf(id);
    return position === undefined ? undefined : this.stored[position];
  }

  positionOf(id: SpanId): number | undefined {
    return this.positionAmong(this.ids.find(textHash(id)), id);
  }

  add(more: Iterable<Span>): void {
    for (const span of more) {
      const hash = textHash(span.id);
      if (this.positionAmong(this.ids.find(hash), span.id) !== undefined) continue;
      this.addingAt = this.stored.push(span) - 1;
      this.ids.add(hash, this.addingAt);
      this.adding = span;
      this.addingAs = spanRole(span);
      this.kindsInRole[this.addingAs] |= this.enterKeys(span);
    }
  }

  /** Answers the kinds of the keys, as bits. */
  private enterKeys(span: Span): number {
    const { table, addEntry } = this;
    let kinds = 0;
    for (let i = 0; i < KEY_KINDS.length; i += 1) {
      const before = table.size;
      visitKeysOfKind(span, KEY_KINDS[i]!, addEntry);
      if (table.size > before) kinds |= 1 << i;
    }
    const before = table.size;
    visitSpanId('span-id', span.spanId, span, addEntry);
    if (table.size > before) kinds |= KIND_BIT['span-id'];
    if (span.type === 'app' && span.parentSpanId) {
      visitSpanId('parent-span-id', span.parentSpanId, span, addEntry);
      kinds |= KIND_BIT['parent-span-id'];
    }
    return kinds;
  }

  replace(spans: Iterable<Span>): void {
    for (const span of spans) {
      const at = this.positionOf(span.id);
      if (at === undefined) {
        this.add([span]);
        continue;
      }
      const before = this.stored[at]!;
      const held = new Set<AssociationKey>();
      visitKeys(before, (kind, scope, value) => held.add(keyText(kind, scope, value)));
      this.stored[at] = span;
      this.adding = span;
      this.addingAs = spanRole(span);
      this.addingAt = at;
      visitKeys(span, (kind, scope, value) => {
        if (held.has(keyText(kind, scope, value))) return;
        this.addEntry(kind, scope, value);
        this.kindsInRole[this.addingAs] |= KIND_BIT[kind];
      });
    }
    this.sortedHolders.clear();
  }

  findByKeys(keys: readonly AssociationKey[]): readonly Span[] {
    const { stored, table } = this;
    const asked = new Set(keys);
    const found = new Set<number>();
    for (const key of asked) {
      visitKeyText(key, (kind, scope, value) => {
        for (const role of ROLES) for (const at of table.find(this.entryHash(role, kind, scope, value))) found.add(at);
      });
    }
    return [...found]
      .sort((a, b) => a - b)
      .map((at) => stored[at]!)
      .filter((span) => holdsKey(span, asked));
  }

  candidates(child: Span, lookup: KeyLookup, limit: number): readonly number[] {
    this.sought = NOTHING;
    this.seeker = child;
    this.lookup = lookup;
    this.limit = limit;
    const { role } = lookup;
    if (typeof role === 'string') this.seekIn(role);
    else for (const one of role) this.seekIn(one);
    const { sought, stored } = this;
    if (sought.length <= 1) return sought;
    const distance = (position: number) => Math.abs(stored[position]!.start - child.start);
    return sought.toSorted((a, b) => distance(a) - distance(b) || compareSpans(stored[a]!, stored[b]!)).slice(0, limit);
  }

  canAnswer({ key, role }: Pick<KeyLookup, 'key' | 'role'>): boolean {
    const { kindsInRole } = this;
    const kinds = typeof role === 'string' ? kindsInRole[role] : role.reduce((all, one) => all | kindsInRole[one], 0);
    return (kinds & KIND_BIT[key]) !== 0;
  }

  private seekIn(role: SpanRole): void {
    if ((this.kindsInRole[role] & KIND_BIT[this.lookup.key]) === 0) return;
    this.seekingRole = role;
    const { seeker, seekEntry } = this;
    const { key, spanId = 'own' } = this.lookup;
    if (key !== 'span-id' && key !== 'parent-span-id') {
      visitKeysOfKind(seeker, key, seekEntry);
      return;
    }
    if (spanId !== 'parent') visitSpanId(key, seeker.spanId, seeker, seekEntry);
    if (spanId !== 'own') visitSpanId(key, seeker.parentSpanId, seeker, seekEntry);
  }

  private scopeHash(scope: string): number {
    if (scope === this.lastScope) return this.lastScopeHash;
    let hash = this.scopeHashes.get(scope);
    if (hash === undefined) {
      hash = textHash(scope);
      this.scopeHashes.set(scope, hash);
    }
    this.lastScope = scope;
    this.lastScopeHash = hash;
    return hash;
  }

  private entryHash(role: SpanRole, kind: LookupKind, scope: string, value: string | number): number {
    return keyHash(kind, this.scopeHash(scope), value) ^ ROLE_SEED[role];
  }

  private inProcess(hash: number, span: Span): number {
    return mixHash(mixHash(hash, this.scopeHash(span.hostId)), span.type === 'net' ? 0 : (span.pid ?? 0));
  }

  private positionAmong(found: readonly number[], id: SpanId): number | undefined {
    for (const position of found) if (this.stored[position]!.id === id) return position;
    return undefined;
  }

  /** Holders of an entry near a time: all when they are few, else the nearest from a list kept in order. */
  private holdersNear(hash: number, child: Span, limit: number): readonly number[] {
    const { stored } = this;
    let sorted = this.sortedHolders.get(hash);
    if (sorted?.size !== stored.length) {
      const few = this.table.find(hash, SORTED_ABOVE + 1);
      if (few.length <= SORTED_ABOVE) return few;
      const all = this.table.find(hash).toSorted((a, b) => compareSpans(stored[a]!, stored[b]!));
      sorted = { size: stored.length, positions: all };
      this.sortedHolders.set(hash, sorted);
    }
    return this.nearest(sorted.positions, child.start, limit);
  }

  private nearest(sorted: readonly number[], start: number, limit: number): number[] {
    const { stored } = this;
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
}
