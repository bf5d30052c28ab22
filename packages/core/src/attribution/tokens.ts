import type { SysSpan } from '../span/span';

/** Words of one span that are compared: more say nothing new and cost time. */
const MAX_TOKENS = 16;
/** What a text is looked through for. */
const MAX_TEXT = 512;
const WORD = /[a-z0-9_]+/g;

/** The words and numbers by which a request names what it is about, and the ids that it carries; each once. */
export function tokensOf({ resource, xRequestIdRequest, xRequestIdResponse, traceIds }: SysSpan): readonly string[] {
  const tokens = new Set<string>();
  for (const id of [xRequestIdRequest, xRequestIdResponse, ...traceIds]) if (id) tokens.add(`=${id}`);
  for (const [word] of (resource ?? '').slice(0, MAX_TEXT).toLowerCase().matchAll(WORD)) {
    if (tokens.size >= MAX_TOKENS) break;
    tokens.add(word);
  }
  return [...tokens];
}

/** Of at least so many spans of a kind, words that this share of them have are part of the kind's own name. */
const KIND_SIZE = 5;
const KIND_SHARE = 0.8;

/** Tokens of many spans by number, without those that stand in so many, or in so many of their kind, that they tell nothing apart. */
export interface TokenTable {
  readonly names: readonly string[];
  /** For each of the spans, in their order. */
  readonly lists: readonly (readonly number[])[];
}

interface Kind {
  size: number;
  readonly holders: Map<number, number>;
}

/** `kindOf`: spans of one kind do the same thing, about different things. */
export function tokenTable(spans: readonly SysSpan[], kindOf: (span: SysSpan) => string): TokenTable {
  const numbers = new Map<string, number>();
  const holders: number[] = [];
  const kinds = new Map<string, Kind>();
  const kindOfSpan = spans.map((span) => {
    const name = kindOf(span);
    let kind = kinds.get(name);
    if (kind === undefined) {
      kind = { size: 0, holders: new Map() };
      kinds.set(name, kind);
    }
    kind.size += 1;
    return kind;
  });
  const lists = spans.map((span, i) =>
    tokensOf(span).map((token) => {
      let number = numbers.get(token);
      if (number === undefined) {
        number = holders.push(0) - 1;
        numbers.set(token, number);
      }
      holders[number]! += 1;
      const inKind = kindOfSpan[i]!.holders;
      inKind.set(number, (inKind.get(number) ?? 0) + 1);
      return number;
    }),
  );
  const most = Math.max(4, spans.length / 4);
  const tells = (token: number, { size, holders: inKind }: Kind) =>
    holders[token]! > 1 && holders[token]! <= most && (size < KIND_SIZE || inKind.get(token)! < KIND_SHARE * size);
  return {
    names: [...numbers.keys()],
    lists: lists.map((list, i) => list.filter((token) => tells(token, kindOfSpan[i]!))),
  };
}
