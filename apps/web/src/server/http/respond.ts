import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { ApiError } from '../../api/contract';
import { ApiFailure } from '../../api/failure';
import { errorCode, messageOf } from '../plain-error';

const COMPRESS_FROM = 8_192;
const compress = promisify(gzip);

export async function sendJson(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  value: unknown,
): Promise<void> {
  let bytes = Buffer.from(JSON.stringify(value));
  response.setHeader('content-type', 'application/json; charset=utf-8');
  response.setHeader('cache-control', 'no-store');
  if (bytes.length >= COMPRESS_FROM && /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))) {
    bytes = Buffer.from(await compress(bytes, { level: 1 }));
    response.setHeader('content-encoding', 'gzip');
  }
  response.setHeader('content-length', bytes.length);
  response.writeHead(status).end(bytes);
}

/** Answers an error as the contract says. What nobody foresaw is logged here and named without its inside. */
export async function sendError(request: IncomingMessage, response: ServerResponse, error: unknown): Promise<void> {
  const failure = describeFailure(error);
  if (failure.status >= 500) console.error(`${request.method} ${request.url}: ${messageOf(error)}`);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  // The rest of a body that was refused is not read: the connection cannot be used again.
  if (!request.complete) response.setHeader('connection', 'close');
  const body: ApiError = { error: { code: failure.code, message: failure.message } };
  await sendJson(request, response, failure.status, body);
}

const DATABASE_GONE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'CONNECT_TIMEOUT',
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  '57P01',
  '57P03',
]);

/** An error as it may be told: what nobody foresaw without its inside. */
export function describeFailure(error: unknown): ApiFailure {
  if (error instanceof ApiFailure) return error;
  const code = errorCode(error) ?? '';
  if (code === 'ENOSPC' || code === '53100') {
    return new ApiFailure(507, 'disk-full', 'The disk of the server is full: delete captures or make room.');
  }
  if (DATABASE_GONE.has(code) || /Can't reach database|ECONNREFUSED/.test(messageOf(error))) {
    return new ApiFailure(503, 'database-unavailable', 'The database does not answer: check it and try again.');
  }
  return new ApiFailure(500, 'internal', 'The server failed on this; its log says why.');
}
