import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { nodeCodec } from '@causeway/replay/node';
import { z } from 'zod';
import { checkCaptureFile, emptyFile } from '../../answers/capture-check';
import { captureSummary } from '../../answers/capture-details';
import { captureName } from '../../answers/capture-name';
import { readQuery } from '../../answers/trace-query';
import type { CaptureSummary, Upload as UploadView } from '../../api/contract';
import { ApiFailure, notFound } from '../../api/failure';
import type { Upload } from '../database/generated/client';
import { readJson } from '../http/body';
import type { Route } from '../http/router';
import { captureRecord } from '../store/capture-rows';
import type { Services } from './services';
import { createUploadWriter } from './upload-writer';

const MAX_UPLOAD_BYTES = 64 * 1024 ** 3;
const uploadSchema = z.object({
  name: z.string().trim().min(1).max(200),
  sizeBytes: z.number().int().min(0).max(MAX_UPLOAD_BYTES),
});
const offsetSchema = z.object({ offset: z.coerce.number().int().min(0) });

export function uploadRoutes(services: Services): readonly Route[] {
  const { data, database, jobs } = services;
  const { prisma } = database;
  const writer = createUploadWriter((id) => data.uploadFile(id));

  async function requireUpload(id: string): Promise<Upload> {
    const row = await prisma.upload.findUnique({ where: { id } });
    if (row === null) throw notFound('upload');
    return row;
  }
  const view = async (row: Upload): Promise<UploadView> => ({
    id: row.id,
    name: row.name,
    sizeBytes: Number(row.sizeBytes),
    received: await writer.received(row.id),
  });

  /** Makes the capture of an upload whose bytes are all there; the capture gets the upload's id. */
  async function complete(uploadId: string): Promise<CaptureSummary> {
    const done = await prisma.capture.findUnique({ where: { id: uploadId } });
    if (done !== null) return captureSummary(captureRecord(done));
    const row = await requireUpload(uploadId);
    const sizeBytes = Number(row.sizeBytes);
    const received = await writer.settle(row.id);
    if (received !== sizeBytes) {
      throw new ApiFailure(
        409,
        'bytes-missing',
        `${received} of ${sizeBytes} bytes have arrived: send the rest first.`,
      );
    }
    const path = data.uploadFile(row.id);
    const problem = await checkCaptureFile({ name: row.name, open: () => createReadStream(path), codec: nodeCodec });
    if (problem !== undefined) {
      await prisma.upload.delete({ where: { id: row.id } });
      await rm(path, { force: true });
      throw problem;
    }
    const filePath = data.captureFile(row.id);
    await rename(path, data.resolve(filePath));
    const [capture] = await prisma.$transaction([
      prisma.capture.create({
        data: {
          id: row.id,
          name: captureName(row.name),
          origin: 'upload',
          state: 'queued',
          filePath,
          sizeBytes: row.sizeBytes,
        },
      }),
      prisma.upload.delete({ where: { id: row.id } }),
    ]);
    await jobs.enqueue('ingest', capture.id);
    return captureSummary(captureRecord(capture));
  }
  const completing = new Map<string, Promise<CaptureSummary>>();

  return [
    {
      method: 'POST',
      pattern: '/api/uploads',
      async handle({ request }) {
        const { name, sizeBytes } = await readJson(request, uploadSchema);
        if (sizeBytes === 0) throw emptyFile(name);
        return view(await prisma.upload.create({ data: { id: randomUUID(), name, sizeBytes: BigInt(sizeBytes) } }));
      },
    },
    {
      method: 'GET',
      pattern: '/api/uploads/:upload',
      handle: async ({ id }) => view(await requireUpload(id('upload'))),
    },
    {
      method: 'PUT',
      pattern: '/api/uploads/:upload',
      async handle({ id, query, request }) {
        const row = await requireUpload(id('upload'));
        const { offset } = readQuery(query, offsetSchema);
        await writer.write(row.id, request, offset, Number(row.sizeBytes));
        return view(row);
      },
    },
    {
      method: 'POST',
      pattern: '/api/uploads/:upload/complete',
      async handle({ id }) {
        const uploadId = id('upload');
        // Asked twice, e.g. by a page that lost the first answer: both get the same one.
        let work = completing.get(uploadId);
        if (work === undefined) {
          work = complete(uploadId).finally(() => completing.delete(uploadId));
          completing.set(uploadId, work);
        }
        return work;
      },
    },
  ];
}

const ABANDONED_AFTER_MS = 7 * 24 * 3600 * 1000;

/** Forgets uploads that nobody went on with for a week. */
export async function removeAbandonedUploads({ data, database }: Services): Promise<void> {
  for (const { id, createdAt } of await database.prisma.upload.findMany()) {
    const file = await stat(data.uploadFile(id)).catch(() => undefined);
    if (Date.now() - (file?.mtimeMs ?? createdAt.getTime()) < ABANDONED_AFTER_MS) continue;
    await database.prisma.upload.delete({ where: { id } });
    await rm(data.uploadFile(id), { force: true });
  }
}
