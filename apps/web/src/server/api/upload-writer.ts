import { open, stat } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { ApiFailure } from '../../api/failure';

/** Appends the bodies of PUT requests to part files. Only one request writes a file at a time. */
export interface UploadWriter {
  /** Bytes of the upload on disk. */
  received(uploadId: string): Promise<number>;
  /**
   * Appends a body that begins at `offset`. A connection that broke keeps what had arrived; one that still hangs from
   * before is ended first.
   * @throws ApiFailure 409 when `offset` is not what was received, 413 when more comes than was announced
   */
  write(uploadId: string, request: IncomingMessage, offset: number, sizeBytes: number): Promise<void>;
  /** Ends a hanging write and makes the file durable. Returns its length. */
  settle(uploadId: string): Promise<number>;
}

export function createUploadWriter(pathOf: (uploadId: string) => string): UploadWriter {
  const active = new Map<string, { request: IncomingMessage; done: Promise<unknown> }>();

  async function received(uploadId: string): Promise<number> {
    return (await stat(pathOf(uploadId)).catch(() => undefined))?.size ?? 0;
  }

  async function endHanging(uploadId: string): Promise<void> {
    for (let writing = active.get(uploadId); writing !== undefined; writing = active.get(uploadId)) {
      writing.request.destroy();
      await writing.done;
    }
  }

  async function append(uploadId: string, request: IncomingMessage, offset: number, sizeBytes: number): Promise<void> {
    const before = await received(uploadId);
    if (before !== offset) {
      throw new ApiFailure(
        409,
        'wrong-offset',
        `${before} bytes have arrived, so the next must begin at ${before}, not at ${offset}.`,
      );
    }
    const announced = Number(request.headers['content-length'] ?? 0);
    if (offset + announced > sizeBytes) throw tooLong(sizeBytes);
    const file = await open(pathOf(uploadId), 'a', 0o600);
    let length = offset;
    try {
      for await (const chunk of request) {
        if (length + chunk.length > sizeBytes) {
          await file.truncate(offset);
          throw tooLong(sizeBytes);
        }
        await file.writeFile(chunk);
        length += chunk.length;
      }
    } catch (error) {
      if (error instanceof ApiFailure || !request.destroyed || request.complete) throw error;
      throw new ApiFailure(400, 'connection-broke', `The connection broke after ${length} bytes: go on from there.`);
    } finally {
      await file.close();
    }
  }

  return {
    received,
    async write(uploadId, request, offset, sizeBytes) {
      await endHanging(uploadId);
      const writing = append(uploadId, request, offset, sizeBytes);
      const entry = { request, done: writing.catch(() => undefined) };
      active.set(uploadId, entry);
      await writing.finally(() => active.get(uploadId) === entry && active.delete(uploadId));
    },
    async settle(uploadId) {
      await endHanging(uploadId);
      const file = await open(pathOf(uploadId), 'a', 0o600);
      try {
        await file.sync();
        return (await file.stat()).size;
      } finally {
        await file.close();
      }
    },
  };
}

function tooLong(sizeBytes: number): ApiFailure {
  return new ApiFailure(
    413,
    'too-large',
    `More bytes came than the ${sizeBytes} that were announced: start the upload again.`,
  );
}
