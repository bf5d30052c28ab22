import type { CaptureSummary, Upload, UploadRequest } from '../../api/contract';
import { errorOf, request, unreachable, withJson } from '../data/api-client';
import type { UploadTransport } from './upload-file';

/** The requests of an upload as a browser makes them. Chunks go by XMLHttpRequest: fetch tells nothing of bytes sent. */
export function browserTransport(signal: AbortSignal): UploadTransport {
  const place = (upload: string) => `/api/uploads/${encodeURIComponent(upload)}`;
  return {
    begin: (name, sizeBytes) =>
      request<Upload>('/api/uploads', { ...withJson('POST', { name, sizeBytes } satisfies UploadRequest), signal }),
    state: (upload) => request<Upload>(place(upload), { signal }),
    put: (upload, offset, chunk, onSent) => putChunk(`${place(upload)}?offset=${offset}`, chunk, onSent, signal),
    complete: (upload) => request<CaptureSummary>(`${place(upload)}/complete`, { method: 'POST', signal }),
    pause: (attempt) => pause(Math.min(500 * 2 ** attempt, 10_000), signal),
  };
}

function putChunk(url: string, chunk: Blob, onSent: (bytes: number) => void, signal: AbortSignal): Promise<Upload> {
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    const abort = () => call.abort();
    signal.addEventListener('abort', abort, { once: true });
    call.open('PUT', url);
    call.setRequestHeader('content-type', 'application/octet-stream');
    call.upload.onprogress = (event) => onSent(event.loaded);
    call.onload = () => {
      if (call.status >= 200 && call.status < 300) resolve(JSON.parse(call.responseText) as Upload);
      else reject(errorOf(call.status, call.responseText));
    };
    call.onerror = () => reject(unreachable());
    call.onabort = () => reject(new DOMException('cancelled', 'AbortError'));
    call.onloadend = () => signal.removeEventListener('abort', abort);
    call.send(chunk);
  });
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(new DOMException('cancelled', 'AbortError'));
    });
  });
}
