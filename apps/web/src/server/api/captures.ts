import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { captureDetail, captureSummary, type LiveView } from '../../answers/capture-details';
import { notFound } from '../../api/failure';
import type { Capture } from '../database/generated/client';
import { readJson } from '../http/body';
import type { Route, RouteContext } from '../http/router';
import { captureRecord } from '../store/capture-rows';
import { dropPartitions } from '../store/partition';
import { enqueueAssembly } from '../store/workspace-rows';
import type { Services } from './services';

const renameSchema = z.object({ name: z.string().trim().min(1).max(200) });

export function captureRoutes(services: Services): readonly Route[] {
  const { prisma } = services.database;
  return [
    {
      method: 'GET',
      pattern: '/api/captures',
      async handle() {
        const rows = await prisma.capture.findMany({ orderBy: [{ createdAt: 'desc' }, { id: 'asc' }] });
        return {
          captures: await Promise.all(
            rows.map(async (row) => captureSummary(captureRecord(row), await liveView(services, row))),
          ),
        };
      },
    },
    {
      method: 'GET',
      pattern: '/api/captures/:capture',
      async handle(context) {
        const row = await requireCapture(services, context.id('capture'));
        return captureDetail(captureRecord(row), await liveView(services, row));
      },
    },
    {
      method: 'PATCH',
      pattern: '/api/captures/:capture',
      async handle(context) {
        const { name } = await readJson(context.request, renameSchema);
        const { id } = await requireCapture(services, context.id('capture'));
        const row = await prisma.capture.update({ where: { id }, data: { name } });
        return captureSummary(captureRecord(row), await liveView(services, row));
      },
    },
    {
      method: 'DELETE',
      pattern: '/api/captures/:capture',
      async handle(context) {
        await deleteCapture(services, await requireCapture(services, context.id('capture')));
        context.response.writeHead(204).end();
      },
    },
    { method: 'GET', pattern: '/api/captures/:capture/file', handle: (context) => sendFile(services, context) },
  ];
}

/** @throws ApiFailure 404 */
export async function requireCapture({ database }: Services, id: string): Promise<Capture> {
  const row = await database.prisma.capture.findUnique({ where: { id } });
  if (row === null) throw notFound('capture');
  return row;
}

export async function liveView(services: Services, row: Capture): Promise<LiveView> {
  const connected = services.live.isConnected(row.id);
  if (row.state !== 'receiving') return { connected };
  const file = await stat(services.data.resolve(row.filePath)).catch(() => undefined);
  return { connected, sizeBytes: file?.size ?? 0 };
}

/**
 * The row goes first: a running ingest sees that and stops. Then the partitions, the agent's connection, the file. A
 * tombstone keeps samples and agents from bringing it back.
 */
async function deleteCapture({ database, data, live }: Services, row: Capture): Promise<void> {
  const { prisma, sql } = database;
  const key = tombstoneKey(row);
  const workspaces = await prisma.workspaceCapture.findMany({ where: { captureId: row.id } });
  await prisma.$transaction([
    prisma.capture.delete({ where: { id: row.id } }),
    ...(key === undefined ? [] : [prisma.tombstone.upsert({ where: { key }, create: { key }, update: {} })]),
  ]);
  await live.drop(row.id, 'This capture was deleted on the server.');
  await dropPartitions(sql, row.id);
  await rm(data.resolve(row.filePath), { force: true });
  for (const { workspaceId } of workspaces) await enqueueAssembly(sql, { workspace: workspaceId });
}

function tombstoneKey({ origin, id, contentHash }: Capture): string | undefined {
  if (origin === 'live') return `live:${id}`;
  return origin === 'sample' && contentHash !== null ? `sample:${contentHash}` : undefined;
}

async function sendFile(services: Services, { id, request, response }: RouteContext): Promise<void> {
  const row = await requireCapture(services, id('capture'));
  const path = services.data.resolve(row.filePath);
  const file = await stat(path).catch(() => undefined);
  if (file === undefined) throw notFound('file');
  response.setHeader('content-type', 'application/vnd.msgpack');
  response.setHeader('content-length', file.size);
  response.setHeader('cache-control', 'no-store');
  response.setHeader('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(fileName(row.name))}`);
  if (request.method === 'HEAD' || file.size === 0) return void response.end();
  // A live file may grow meanwhile: what was promised is what is sent.
  await pipeline(createReadStream(path, { end: file.size - 1 }), response).catch(() => response.destroy());
}

function fileName(name: string): string {
  const base = name.replace(/\.causeway\.msgpack$/, '').replace(/[/\\:*?"<>|\s]+/g, '-');
  return `${base || 'capture'}.causeway.msgpack`;
}
