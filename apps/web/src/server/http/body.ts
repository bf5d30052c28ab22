import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import { checked } from '../../answers/trace-query';
import { ApiFailure } from '../../api/failure';

const MAX_JSON_BYTES = 64 * 1024;

/** Reads and checks a small JSON body. @throws ApiFailure 400 that names the field, or 413. */
export async function readJson<T>(request: IncomingMessage, schema: z.ZodType<T>): Promise<T> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > MAX_JSON_BYTES) throw new ApiFailure(413, 'too-large', 'The body of this request is too large.');
    chunks.push(chunk);
  }
  let value: unknown;
  try {
    value = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new ApiFailure(400, 'bad-request', 'The body of this request must be JSON.');
  }
  return checked(value, schema);
}
