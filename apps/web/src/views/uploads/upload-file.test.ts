import { describe, expect, it } from 'vitest';
import type { CaptureSummary } from '../../api/contract';
import { RequestError } from '../data/request-error';
import { CHUNK_BYTES, type UploadTransport, uploadFile } from './upload-file';

/** A server in memory that breaks on the PUTs named, before or after it kept the bytes. */
function server(breaks: Record<number, 'before' | 'after'> = {}, sizeOff = 0) {
  const held: number[] = [];
  let size = 0;
  let puts = 0;
  const upload = () => ({ id: 'u1', name: 'a', sizeBytes: size, received: held.length });
  const transport: UploadTransport = {
    async begin(_, sizeBytes) {
      size = sizeBytes;
      return upload();
    },
    state: async () => upload(),
    async put(_, offset, chunk, onSent) {
      const fate = breaks[puts++];
      if (fate === 'before') throw new RequestError(0, 'unreachable', 'gone');
      if (offset !== held.length) throw new RequestError(409, 'wrong-offset', 'no');
      for (const byte of new Uint8Array(await chunk.arrayBuffer())) held.push(byte);
      onSent(chunk.size);
      if (fate === 'after') throw new RequestError(0, 'unreachable', 'gone');
      return upload();
    },
    complete: async () => ({ id: 'c1', sizeBytes: held.length + sizeOff }) as CaptureSummary,
    pause: async () => {},
  };
  return { transport, held };
}

const silent = { onBegun() {}, onProgress() {}, onWaiting() {} };
const fileOf = (length: number) => new File([Uint8Array.from({ length }, (_, i) => i % 251)], 'a.causeway.msgpack');

describe('uploadFile', () => {
  it('sends every byte once, chunk by chunk', async () => {
    const { transport, held } = server();
    const progress: number[] = [];
    const size = CHUNK_BYTES + 1000;
    await uploadFile(fileOf(size), transport, { ...silent, onProgress: (sent) => progress.push(sent) });
    expect(held.length).toBe(size);
    expect(held[CHUNK_BYTES]).toBe(CHUNK_BYTES % 251);
    expect(progress.at(-1)).toBe(size);
  });

  it('goes on after a break, whether or not the bytes had arrived', async () => {
    const { transport, held } = server({ 0: 'before', 1: 'after', 2: 'before' });
    const waits: string[] = [];
    const capture = await uploadFile(fileOf(CHUNK_BYTES + 5), transport, {
      ...silent,
      onWaiting: (why) => waits.push(why),
    });
    expect(capture.id).toBe('c1');
    expect(held.length).toBe(CHUNK_BYTES + 5);
    expect(waits.length).toBe(3);
  });

  it('gives up after many breaks without progress', async () => {
    const { transport } = server(Object.fromEntries(Array.from({ length: 20 }, (_, i) => [i, 'before' as const])));
    await expect(uploadFile(fileOf(10), transport, silent)).rejects.toMatchObject({ code: 'unreachable' });
  });

  it('refuses an empty file before asking the server', async () => {
    await expect(uploadFile(fileOf(0), server().transport, silent)).rejects.toMatchObject({ code: 'empty-file' });
  });

  it('notices a wrong byte count', async () => {
    await expect(uploadFile(fileOf(10), server({}, -1).transport, silent)).rejects.toMatchObject({
      code: 'byte-count',
    });
  });
});
