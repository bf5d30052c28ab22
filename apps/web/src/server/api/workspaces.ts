import type { SpanId } from '@causeway/core';
import { z } from 'zod';
import { spanSources } from '../../answers/span-sources';
import { readQuery, traceQuerySchema } from '../../answers/trace-query';
import { type TracePlace, viewRelated, viewTrace } from '../../answers/trace-views';
import { workspaceDetail, workspaceSummary } from '../../answers/workspace-details';
import type { RelatedSpansView, SpanEvents, TraceView, WorkspaceDetail, WorkspaceSummary } from '../../api/contract';
import { notFound } from '../../api/failure';
import { readJson } from '../http/body';
import type { Route } from '../http/router';
import { dropPartitions } from '../store/partition';
import { createSpanStore } from '../store/span-store';
import { queryTraces } from '../store/trace-query';
import { enqueueAssembly, WITH_CAPTURES, type WorkspaceRow, workspaceRecord } from '../store/workspace-rows';
import { requireCapture } from './captures';
import type { Services } from './services';
import type { EventReader } from './span-events';

/** Captures that are read together at the most. */
const MAX_CAPTURES = 64;
const nameSchema = z.string().trim().min(1).max(200);
const capturesSchema = z.array(z.uuid().toLowerCase()).min(1).max(MAX_CAPTURES);
const createSchema = z.object({ name: nameSchema, captures: capturesSchema });
const changeSchema = z.object({ name: nameSchema.optional(), captures: capturesSchema.optional() });

/** Captures that are assembled together, e.g. those of several hosts. */
export function workspaceRoutes(services: Services, events: EventReader): readonly Route[] {
  const { prisma, sql } = services.database;
  const placeOf = (row: WorkspaceRow): TracePlace => {
    const { id, captures, hostClocks } = workspaceRecord(row);
    const sources = spanSources(captures);
    return { id, captures, sources, store: createSpanStore(sql, sources), hostClocks };
  };
  const require = (id: string) => requireWorkspace(services, id);

  /** @throws ApiFailure 404 when one of them is not there */
  async function membersOf(ids: readonly string[]): Promise<{ captureId: string }[]> {
    const wanted = [...new Set(ids)];
    const found = await prisma.capture.count({ where: { id: { in: wanted } } });
    if (found !== wanted.length) throw notFound('capture');
    return wanted.map((captureId) => ({ captureId }));
  }

  return [
    {
      method: 'GET',
      pattern: '/api/workspaces',
      async handle(): Promise<{ workspaces: WorkspaceSummary[] }> {
        const rows = await prisma.workspace.findMany({
          include: WITH_CAPTURES,
          orderBy: [{ createdAt: 'desc' }, { id: 'asc' }],
        });
        return { workspaces: rows.map((row) => workspaceSummary(workspaceRecord(row))) };
      },
    },
    {
      method: 'POST',
      pattern: '/api/workspaces',
      async handle({ request }): Promise<WorkspaceSummary> {
        const { name, captures } = await readJson(request, createSchema);
        const members = await membersOf(captures);
        const { id } = await prisma.workspace.create({ data: { name, captures: { createMany: { data: members } } } });
        await enqueueAssembly(sql, { workspace: id });
        return workspaceSummary(workspaceRecord(await require(id)));
      },
    },
    {
      method: 'GET',
      pattern: '/api/workspaces/:workspace',
      handle: async ({ id }): Promise<WorkspaceDetail> =>
        workspaceDetail(workspaceRecord(await require(id('workspace')))),
    },
    {
      method: 'PATCH',
      pattern: '/api/workspaces/:workspace',
      async handle({ id, request }): Promise<WorkspaceSummary> {
        const { name, captures } = await readJson(request, changeSchema);
        const row = await require(id('workspace'));
        if (name !== undefined) await prisma.workspace.update({ where: { id: row.id }, data: { name } });
        if (captures !== undefined) {
          const members = await membersOf(captures);
          await prisma.workspace.update({
            where: { id: row.id },
            data: { state: 'queued', captures: { deleteMany: {}, createMany: { data: members } } },
          });
          await enqueueAssembly(sql, { workspace: row.id });
        }
        return workspaceSummary(workspaceRecord(await require(row.id)));
      },
    },
    {
      method: 'DELETE',
      pattern: '/api/workspaces/:workspace',
      async handle({ id, response }) {
        const row = await require(id('workspace'));
        await prisma.workspace.delete({ where: { id: row.id } });
        await dropPartitions(sql, row.id);
        response.writeHead(204).end();
      },
    },
    {
      method: 'GET',
      pattern: '/api/workspaces/:workspace/traces',
      async handle({ id, query }) {
        const row = await require(id('workspace'));
        return queryTraces(sql, row.id, row.timeOrigin ?? 0n, readQuery(query, traceQuerySchema));
      },
    },
    {
      method: 'GET',
      pattern: '/api/workspaces/:workspace/traces/:span',
      async handle({ id, param }): Promise<TraceView> {
        return viewTrace(placeOf(await require(id('workspace'))), param('span') as SpanId);
      },
    },
    {
      method: 'GET',
      pattern: '/api/workspaces/:workspace/traces/:span/related',
      async handle({ id, param }): Promise<RelatedSpansView> {
        return viewRelated(placeOf(await require(id('workspace'))), param('span') as SpanId);
      },
    },
    {
      method: 'GET',
      pattern: '/api/workspaces/:workspace/spans/:span/events',
      async handle({ id, param }): Promise<SpanEvents> {
        const { sources, store } = placeOf(await require(id('workspace')));
        const spanId = param('span') as SpanId;
        await store.get(spanId);
        const captureId = store.captureOf(spanId);
        if (captureId === undefined) throw notFound('span');
        return events(await requireCapture(services, captureId), spanId, sources.timeOrigin);
      },
    },
  ];
}

async function requireWorkspace({ database }: Services, id: string): Promise<WorkspaceRow> {
  const row = await database.prisma.workspace.findUnique({ where: { id }, include: WITH_CAPTURES });
  if (row === null) throw notFound('workspace');
  return row;
}
