import type { Fragment, Sql } from 'postgres';
import { z } from 'zod';
import type { TraceList, TraceRow } from '../../api/contract';
import { ApiFailure } from '../http/failure';

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

const SORTS = {
  start: { column: 'start_ns', field: 'startNs' },
  duration: { column: 'duration_ns', field: 'durationNs' },
  spans: { column: 'span_count', field: 'spanCount' },
} as const;

/** Columns of a row, with the names that `TraceRow` gives them. */
interface Row {
  readonly id: string;
  readonly startNs: string;
  readonly durationNs: string;
  readonly spanCount: number;
  readonly service: string;
  readonly protocol: string;
  readonly method: string | null;
  readonly endpoint: string | null;
  readonly resource: string | null;
  readonly status: TraceRow['status'];
  readonly statusCode: string | null;
  readonly hasError: boolean;
  readonly incomplete: boolean;
  readonly services: readonly string[];
  readonly serviceSpans: readonly number[];
}

/** A page of a capture's traces. Pages go on from the last row shown (keyset), so live traffic never shifts them. */
export async function queryTraces(
  sql: Sql,
  captureId: string,
  timeOrigin: bigint,
  query: CheckedTraceQuery,
): Promise<TraceList> {
  const { column, field, descending } = sortOf(query);
  const where = whereClause(sql, captureId, query);
  const after = query.cursor === undefined ? sql`` : afterCursor(sql, query);
  const order = descending ? sql`DESC` : sql`ASC`;
  const [[counted], rows] = await Promise.all([
    sql<{ total: string }[]>`SELECT count(*)::text AS total FROM trace WHERE ${where}`,
    sql<Row[]>`
      SELECT root_id AS id, start_ns::text AS "startNs", duration_ns::text AS "durationNs", span_count AS "spanCount",
             service, protocol, method, endpoint, resource, status, status_code AS "statusCode",
             has_error AS "hasError", incomplete, services, service_spans AS "serviceSpans"
      FROM trace
      WHERE ${where} ${after}
      ORDER BY ${sql(column)} ${order}, root_id ${order}
      LIMIT ${query.limit + 1}`,
  ]);
  const page = rows.slice(0, query.limit);
  const last = page.at(-1);
  return {
    timeOrigin: timeOrigin.toString(),
    traces: page.map((row) => traceRow(row, timeOrigin)),
    total: Number(counted?.total ?? 0),
    ...(rows.length > query.limit &&
      last !== undefined && { nextCursor: encodeCursor(query.sort, String(last[field]), last.id) }),
  };
}

function traceRow({ startNs, durationNs, services, serviceSpans, ...row }: Row, timeOrigin: bigint): TraceRow {
  const { method, endpoint, resource, statusCode, ...known } = row;
  return {
    ...known,
    ...(method !== null && { method }),
    ...(endpoint !== null && { endpoint }),
    ...(resource !== null && { resource }),
    ...(statusCode !== null && { statusCode }),
    start: Number(BigInt(startNs) - timeOrigin),
    durationNs: Number(durationNs),
    services: services.map((service, i) => ({ service, spanCount: serviceSpans[i] ?? 0 })),
  };
}

function sortOf({ sort }: CheckedTraceQuery) {
  const descending = sort.startsWith('-');
  const name = (descending ? sort.slice(1) : sort) as keyof typeof SORTS;
  return { ...SORTS[name], descending };
}

function whereClause(sql: Sql, captureId: string, query: CheckedTraceQuery): Fragment {
  const conditions: Fragment[] = [sql`capture_id = ${captureId}`];
  if (query.q?.trim()) conditions.push(sql`strpos(search, ${query.q.trim().toLowerCase()}) > 0`);
  if (query.service !== undefined) conditions.push(sql`${query.service} = ANY (services)`);
  if (query.protocol !== undefined) conditions.push(sql`${query.protocol} = ANY (protocols)`);
  if (query.status === 'ok') conditions.push(sql`NOT has_error AND NOT incomplete`);
  if (query.status === 'error') conditions.push(sql`has_error`);
  if (query.status === 'incomplete') conditions.push(sql`incomplete`);
  if (query.minDurationNs !== undefined) conditions.push(sql`duration_ns >= ${query.minDurationNs}`);
  if (query.maxDurationNs !== undefined) conditions.push(sql`duration_ns <= ${query.maxDurationNs}`);
  if (query.minSpans !== undefined) conditions.push(sql`span_count >= ${query.minSpans}`);
  return conditions.reduce((all, condition) => sql`${all} AND ${condition}`);
}

const cursorSchema = z.tuple([z.string(), z.string().regex(/^-?\d{1,19}$/), z.string()]);

function encodeCursor(sort: string, value: string, rootId: string): string {
  return Buffer.from(JSON.stringify([sort, value, rootId])).toString('base64url');
}

function afterCursor(sql: Sql, query: CheckedTraceQuery): Fragment {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(query.cursor ?? '', 'base64url').toString('utf8'));
  } catch {
    parsed = undefined;
  }
  const cursor = cursorSchema.safeParse(parsed);
  if (!cursor.success || cursor.data[0] !== query.sort) {
    throw new ApiFailure(
      400,
      'bad-cursor',
      'The cursor does not belong to this sort order: ask for the first page again.',
    );
  }
  const { column, descending } = sortOf(query);
  const [, value, rootId] = cursor.data;
  return descending
    ? sql`AND (${sql(column)}, root_id) < (${value}::bigint, ${rootId})`
    : sql`AND (${sql(column)}, root_id) > (${value}::bigint, ${rootId})`;
}
