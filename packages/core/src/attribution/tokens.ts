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

/** Tokens of many spans by number, without those that stand in so many that they tell nothing apart. */
export interface TokenTable {
  readonly names: readonly string[];
  /** For each of the spans, in their order. */
  readonly lists: readonly (readonly number[])[];
}

export function tokenTable(spans: readonly SysSpan[]): TokenTable {
  const numbers = new Map<string, number>();
  const holders: number[] = [];
  const lists = spans.map((span) =>
    tokensOf(span).map((token) => {
      let number = numbers.get(token);
      if (number === undefined) {
        number = holders.push(0) - 1;
        numbers.set(token, number);
      }
      holders[number]! += 1;
      return number;
    }),
  );
  const most = Math.max(4, spans.length / 4);
  return {
    names: [...numbers.keys()],
    lists: lists.map((list) => list.filter((token) => holders[token]! > 1 && holders[token]! <= most)),
  };
}
