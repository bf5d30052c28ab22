// Trace context as the traced programs hand it on: one new span id for each call. `traceparent` is W3C's header; `b3`
// (single header form, trace-span-sampled-parent) says besides it under which received span the call was made, so that
// the truth is exact even where a trace passes through a process several times.
import { randomBytes } from 'node:crypto';

const id = (bytes) => randomBytes(bytes).toString('hex');

/** The context of a request that nobody called for. */
export const newRoot = () => ({ trace: id(16), span: id(8) });

/** The context that came with a request; `parent` is its sender's business. */
export function received(headers) {
  const [, trace, span] = (headers.traceparent ?? '').split('-');
  return span === undefined ? newRoot() : { trace, span };
}

/** The context of one call made while handling `request`. */
export const callUnder = (request) => ({ trace: request.trace, span: id(8), parent: request.span });

const traceparent = ({ trace, span }) => `00-${trace}-${span}-01`;
const b3 = ({ trace, span, parent }) => `${trace}-${span}-1${parent === undefined ? '' : `-${parent}`}`;

export const headersOf = (call) => ({ traceparent: traceparent(call), b3: b3(call) });
/** After a statement, as sqlcommenter has it. */
export const sqlComment = (call) => ` /*b3='${b3(call)}',traceparent='${traceparent(call)}'*/`;
/** Redis has no headers: an argument of its own, such as a key that nobody ever sets. */
export const redisToken = (call) => `b3=${b3(call)}`;
