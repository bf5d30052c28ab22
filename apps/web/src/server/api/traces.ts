import { assembleAround, createSpanIndex, DEFAULT_ASSEMBLY_OPTIONS, runWithStore, type Span, type SpanId, type TimeOrigin } from '@causeway/core';
import type { TraceView } from '../../api/contract';
import { readQuery } from '../http/body';
import { ApiFailure, notFound } from '../http/failure';
import type { Route } from '../http/router';
import { createSpanStore } from '../store/span-store';
import { queryTraces, traceQuerySchema } from '../store/trace-query';
import { requireCapture } from './captures';
import type { Services } from './services';

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
  ];
}
