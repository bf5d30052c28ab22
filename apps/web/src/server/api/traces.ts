import type { SpanId } from '@causeway/core';
import { spanSources } from '../../answers/span-sources';
import { readQuery, traceQuerySchema } from '../../answers/trace-query';
import { type TracePlace, viewRelated, viewTrace } from '../../answers/trace-views';
import type { RelatedSpansView, TraceView } from '../../api/contract';
import type { Route } from '../http/router';
import { captureRecord } from '../store/capture-rows';
import { createSpanStore } from '../store/span-store';
import { queryTraces } from '../store/trace-query';
import { requireCapture } from './captures';
import type { Services } from './services';

export function traceRoutes(services: Services): readonly Route[] {
  const { sql } = services.database;
  const placeOf = async (id: string): Promise<TracePlace> => {
    const captures = [captureRecord(await requireCapture(services, id))];
    const sources = spanSources(captures);
    return { id, captures, sources, store: createSpanStore(sql, sources) };
  };
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
        return viewTrace(await placeOf(id('capture')), param('span') as SpanId);
      },
    },
    {
      method: 'GET',
      pattern: '/api/captures/:capture/traces/:span/related',
      async handle({ id, param }): Promise<RelatedSpansView> {
        return viewRelated(await placeOf(id('capture')), param('span') as SpanId);
      },
    },
  ];
}
