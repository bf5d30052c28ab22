import { z } from 'zod';
import type { TraceQuery } from '../api/contract';
import { ApiFailure } from '../api/failure';

const MAX_LIMIT = 500;
/** A filter value: never longer than what a row could hold. */
const text = z.string().max(1000);
const count = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

export const traceQuerySchema = z.object({
  q: text.optional(),
  service: text.optional(),
  protocol: text.optional(),
  status: z.enum(['ok', 'error', 'incomplete']).optional(),
  minDurationNs: count.optional(),
  maxDurationNs: count.optional(),
  minSpans: count.optional(),
  sort: z.enum(['start', '-start', 'duration', '-duration', 'spans', '-spans']).default('-start'),
  cursor: z.string().max(2000).optional(),
  limit: z.coerce.number().int().min(1).max(MAX_LIMIT).default(50),
});
export type CheckedTraceQuery = z.infer<typeof traceQuerySchema>;

/** What is sorted by, and which way. */
export function sortOf({ sort }: Pick<CheckedTraceQuery, 'sort'>) {
  const descending = sort.startsWith('-');
  return { by: (descending ? sort.slice(1) : sort) as 'start' | 'duration' | 'spans', descending };
}

/** The last row of a page: the next one begins behind it. */
export interface TraceCursor {
  /** Of what is sorted by. */
  readonly value: bigint;
  readonly id: string;
}

const cursorSchema = z.tuple([z.string(), z.string().regex(/^-?\d{1,19}$/), z.string()]);

export function encodeCursor(sort: TraceQuery['sort'], { value, id }: TraceCursor): string {
  return JSON.stringify([sort, value.toString(), id]);
}

/** @throws ApiFailure 400 when it belongs to another order */
export function cursorOf({ cursor, sort }: CheckedTraceQuery): TraceCursor | undefined {
  if (cursor === undefined) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(cursor);
  } catch {
    parsed = undefined;
  }
  const checked = cursorSchema.safeParse(parsed);
  if (!checked.success || checked.data[0] !== sort) {
    throw new ApiFailure(
      400,
      'bad-cursor',
      'The cursor does not belong to this sort order: ask for the first page again.',
    );
  }
  return { value: BigInt(checked.data[1]), id: checked.data[2] };
}

/** Checks a query string; numbers are coerced by the schema. @throws ApiFailure 400. */
export function readQuery<T>(query: URLSearchParams, schema: z.ZodType<T>): T {
  return checked(Object.fromEntries([...query].filter(([, value]) => value !== '')), schema);
}

/** @throws ApiFailure 400 that names the field */
export function checked<T>(value: unknown, schema: z.ZodType<T>): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new ApiFailure(400, 'bad-request', `${issue?.path.join('.') || 'input'}: ${issue?.message ?? 'not valid'}.`);
}
