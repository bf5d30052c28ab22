import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import { ApiFailure } from './failure';

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
  return check(value, schema);
}

/** Checks the query string; numbers are coerced by the schema. @throws ApiFailure 400. */
export function readQuery<T>(query: URLSearchParams, schema: z.ZodType<T>): T {
  return check(Object.fromEntries([...query].filter(([, value]) => value !== '')), schema);
}

function check<T>(value: unknown, schema: z.ZodType<T>): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new ApiFailure(400, 'bad-request', `${issue?.path.join('.') || 'input'}: ${issue?.message ?? 'not valid'}.`);
}
