import type { CaptureSummary, Upload } from '../../api/contract';
import { RequestError } from '../data/request-error';

/** Bytes of one PUT: small enough that little is sent again after a break. */
export const CHUNK_BYTES = 8 * 1024 * 1024;
/** Breaks in a row without a byte of progress before giving up (the person may still press "Resume"). */
const MAX_ATTEMPTS = 6;

/** The four requests of an upload. All throw `RequestError`; a status of 0 or 5xx is a break that may heal. */
export interface UploadTransport {
  begin(name: string, sizeBytes: number): Promise<Upload>;
  state(upload: string): Promise<Upload>;
  /** `onSent` counts bytes of this chunk on their way. */
  put(upload: string, offset: number, chunk: Blob, onSent: (bytes: number) => void): Promise<Upload>;
  complete(upload: string): Promise<CaptureSummary>;
  /** Waits before the next attempt, 1 being the first. */
  pause(attempt: number): Promise<void>;
}

interface UploadWatcher {
  /** The server gave the upload its id: enough to resume. */
  onBegun(upload: string): void;
  onProgress(sentBytes: number): void;
  /** A break; the next attempt follows. */
  onWaiting(reason: string): void;
}

/**
 * Sends a file in chunks. After a break it asks how many bytes the server holds and goes on from there, so nothing is
 * sent twice or left out; at the end the count is compared with the file's size.
 * @param resume id of an upload that was begun before.
 * @throws RequestError when the server refuses, or does not come back.
 */
export async function uploadFile(
  file: File,
  transport: UploadTransport,
  watcher: UploadWatcher,
  resume?: string,
): Promise<CaptureSummary> {
  if (file.size === 0) {
    throw new RequestError(400, 'empty-file', 'The file is empty. Record it again, or choose another file.');
  }
  const id = resume ?? (await withRetries(() => transport.begin(file.name, file.size))).id;
  watcher.onBegun(id);
  let received = (await withRetries(() => transport.state(id))).received;
  let attempts = 0;
  while (received < file.size) {
    watcher.onProgress(received);
    const offset = received;
    try {
      const chunk = file.slice(offset, offset + CHUNK_BYTES);
      received = (await transport.put(id, offset, chunk, (sent) => watcher.onProgress(offset + sent))).received;
    } catch (error) {
      // 409: the server holds more or fewer bytes than we thought, so ask it, as after a break
      if (!mayHeal(error) && !(error instanceof RequestError && error.status === 409)) throw error;
      await wait(error as RequestError);
      received = (await withRetries(() => transport.state(id))).received;
    }
    if (received > offset) attempts = 0;
  }
  watcher.onProgress(received);
  const capture = await withRetries(() => transport.complete(id));
  if (capture.sizeBytes !== file.size) {
    const text = `The server holds ${capture.sizeBytes} bytes of ${file.size}. Delete that capture and upload the file again.`;
    throw new RequestError(500, 'byte-count', text);
  }
  return capture;

  async function withRetries<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (!mayHeal(error)) throw error;
        await wait(error as RequestError);
      }
    }
  }

  async function wait(error: RequestError): Promise<void> {
    attempts += 1;
    if (attempts > MAX_ATTEMPTS) throw error;
    watcher.onWaiting(error.message);
    await transport.pause(attempts);
  }
}

function mayHeal(error: unknown): boolean {
  return error instanceof RequestError && (error.status === 0 || error.status === 502 || error.status === 503);
}
