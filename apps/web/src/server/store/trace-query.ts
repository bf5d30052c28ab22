import type { Fragment, Sql } from 'postgres';
import { type CheckedTraceQuery, cursorOf, encodeCursor, sortOf, type TraceCursor } from '../../answers/trace-query';
import type { TraceList, TraceRow } from '../../api/contract';

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
  const { by, descending } = sortOf(query);
  const { column, field } = SORTS[by];
  const cursor = cursorOf(query);
  const where = whereClause(sql, captureId, query);
  const after = cursor === undefined ? sql`` : afterCursor(sql, query, cursor);
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
      last !== undefined && { nextCursor: encodeCursor(query.sort, { value: BigInt(last[field]), id: last.id }) }),
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

function afterCursor(sql: Sql, query: CheckedTraceQuery, { value, id }: TraceCursor): Fragment {
  const { by, descending } = sortOf(query);
  const { column } = SORTS[by];
  return descending
    ? sql`AND (${sql(column)}, root_id) < (${value.toString()}::bigint, ${id})`
    : sql`AND (${sql(column)}, root_id) > (${value.toString()}::bigint, ${id})`;
}
