import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { decodeJsonTraces, decodeProtobufTraces, type ReportedBatch } from '@causeway/replay';
import { ApiFailure } from '../../api/failure';
import { describeFailure } from '../http/respond';
import type { Route } from '../http/router';
import { errorCode } from '../plain-error';
import { answerRefused, answerTaken, type OtlpContent } from './otlp-answer';
import type { OtlpReceiver } from './otlp-receiver';

/** The default path of OTLP/HTTP: https://opentelemetry.io/docs/specs/otlp/#otlphttp-request */
export const OTLP_TRACES_PATH = '/v1/traces';
/** An exporter's batch has 512 spans by default; a collector's may be larger. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;
const MAX_INFLATED_BYTES = 64 * 1024 * 1024;
const inflate = promisify(gunzip);

/** Where applications send their spans: OTEL_EXPORTER_OTLP_ENDPOINT is this server. */
export function otlpRoutes(receiver: OtlpReceiver): readonly Route[] {
  return [
    {
      method: 'POST',
      pattern: OTLP_TRACES_PATH,
      async handle({ request, response }) {
        const content = contentOf(request);
        try {
          const batch = decode(await readBody(request), content);
          await receiver.receive(batch);
          answerTaken(response, content ?? 'application/json', batch.rejected);
        } catch (error) {
          const { status, message } = describeFailure(error);
          // The rest of a body that was refused is not read: the connection cannot be used again.
          if (!request.complete) response.setHeader('connection', 'close');
          // A full disk or a database that restarts passes: the exporter should keep its spans and try again.
          answerRefused(response, content ?? 'application/json', status === 507 ? 503 : status, message);
        }
      },
    },
  ];
}

function contentOf({ headers }: IncomingMessage): OtlpContent | undefined {
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type === 'application/json') return type;
  return type === 'application/x-protobuf' || type === 'application/protobuf' ? 'application/x-protobuf' : undefined;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding !== 'gzip' && encoding !== 'identity')
    throw new ApiFailure(415, 'unsupported', `Spans compressed by ${encoding} are not read: use gzip or nothing.`);
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  if (encoding === 'identity') return body;
  try {
    return await inflate(body, { maxOutputLength: MAX_INFLATED_BYTES });
  } catch (error) {
    if (errorCode(error) === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    throw new ApiFailure(400, 'bad-request', 'The body of this request is no whole gzip stream.');
  }
}

function tooLarge(): ApiFailure {
  return new ApiFailure(413, 'too-large', 'These are too many spans in one request: send them in smaller batches.');
}

/** @throws ApiFailure 400 or 415 */
function decode(body: Buffer, content: OtlpContent | undefined): ReportedBatch {
  if (content === undefined) {
    throw new ApiFailure(415, 'unsupported', 'Spans are read as application/x-protobuf or application/json.');
  }
  const batch = content === 'application/json' ? decodeJson(body) : decodeProtobufTraces(body);
  if (batch === undefined)
    throw new ApiFailure(400, 'bad-request', `The body of this request is no OTLP trace request in ${content}.`);
  return batch;
}

function decodeJson(body: Buffer): ReportedBatch | undefined {
  try {
    return decodeJsonTraces(JSON.parse(body.toString('utf8')));
  } catch {
    return undefined;
  }
}
