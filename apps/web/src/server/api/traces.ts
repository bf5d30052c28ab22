import type { SpanId } from '@causeway/core';
import type { TraceView } from '../../api/contract';
import { readQuery } from '../http/body';
import type { Route } from '../http/router';
import { spanSources } from '../store/span-sources';
import { queryTraces, traceQuerySchema } from '../store/trace-query';
import { requireCapture } from './captures';
import type { Services } from './services';
import { viewTrace } from './trace-views';

export function traceRoutes(services: Services): readonly Route[] {
  const { sql } = services.database;
  return [
    {
      method: 'GET',
      pattern: '/api/captures/:capture/traces',
      async handle({ id, query }) {
        const { id: captureId, timeOrigin } = await requireCapture(services, id('capture'));
        return queryTraces(sql, captureId, timeOrigin ?? 0n, readQuery(query, traceQuerySchema));
      },
    },
    {
      method: 'GET',
      pattern: '/api/captures/:capture/traces/:span',
      async handle({ id, param }): Promise<TraceView> {
        const row = await requireCapture(services, id('capture'));
        return viewTrace(services, row.id, spanSources([row]), param('span') as SpanId);
      },
    },
  ];
}
