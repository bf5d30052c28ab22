import type { Sql } from 'postgres';
import type { ServiceSummary } from '../../api/contract';

/** Sums up the spans of a capture by service, most spans first. Counts every span a service took part in. */
export async function summariseServices(sql: Sql, captureId: string): Promise<ServiceSummary[]> {
  const rows = await sql<(Omit<ServiceSummary, 'p50Ns' | 'p95Ns'> & { p50: string; p95: string })[]>`
    SELECT service,
           array_agg(DISTINCT protocol ORDER BY protocol) AS protocols,
           count(*)::int AS "spanCount",
           count(*) FILTER (WHERE has_error)::int AS "errorCount",
           percentile_disc(0.5) WITHIN GROUP (ORDER BY duration_ns)::text AS p50,
           percentile_disc(0.95) WITHIN GROUP (ORDER BY duration_ns)::text AS p95
    FROM span WHERE capture_id = ${captureId}
    GROUP BY service
    ORDER BY count(*) DESC, service`;
  return rows.map(({ p50, p95, ...row }) => ({ ...row, p50Ns: Number(p50), p95Ns: Number(p95) }));
}
