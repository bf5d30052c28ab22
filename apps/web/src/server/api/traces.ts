import type { SpanId } from '@causeway/core';
import type { RelatedSpansView, TraceView } from '../../api/contract';
import { readQuery } from '../http/body';
import type { Route } from '../http/router';
import { queryTraces, traceQuerySchema } from '../store/trace-query';
import { requireCapture } from './captures';
import type { Services } from './services';
import { type TracePlace, viewRelated, viewTrace } from './trace-views';

export function traceRoutes(services: Services): readonly Route[] {
  const { sql } = services.database;
  const placeOf = async (id: string): Promise<TracePlace> => ({ id, captures: [await requireCapture(services, id)] });
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
        return viewTrace(services, await placeOf(id('capture')), param('span') as SpanId);
      },
    },
    {
      method: 'GET',
      pattern: '/api/captures/:capture/traces/:span/related',
      async handle({ id, param }): Promise<RelatedSpansView> {
        return viewRelated(services, await placeOf(id('capture')), param('span') as SpanId);
      },
    },
  ];
}
