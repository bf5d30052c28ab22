import type { SpanProtocol } from '../span';
import { integerOf, textOf } from './attributes';
import type { DescribedRequest } from './described-request';
import type { AttributeMap } from './reported-span';

const SYSTEMS: ReadonlyMap<string, SpanProtocol> = new Map([
  ['grpc', 'grpc'],
  ['apache_dubbo', 'dubbo'],
  ['dubbo', 'dubbo'],
]);

/**
 * Of the gRPC codes (https://grpc.io/docs/guides/status-codes/) those that the conventions count as the server's fault:
 * UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS.
 */
const GRPC_SERVER_ERRORS: ReadonlySet<number> = new Set([2, 4, 12, 13, 14, 15]);
const GRPC_CODES = [
  ...['OK', 'CANCELLED', 'UNKNOWN', 'INVALID_ARGUMENT', 'DEADLINE_EXCEEDED', 'NOT_FOUND', 'ALREADY_EXISTS'],
  ...['PERMISSION_DENIED', 'RESOURCE_EXHAUSTED', 'FAILED_PRECONDITION', 'ABORTED', 'OUT_OF_RANGE', 'UNIMPLEMENTED'],
  ...['INTERNAL', 'UNAVAILABLE', 'DATA_LOSS', 'UNAUTHENTICATED'],
];

/** Remote calls: https://opentelemetry.io/docs/specs/semconv/rpc/rpc-spans/, old and new names. */
export function describeRpc(attributes: AttributeMap): DescribedRequest | undefined {
  const system = textOf(attributes, 'rpc.system.name', 'rpc.system');
  if (system === undefined) return undefined;
  const protocol = SYSTEMS.get(system) ?? 'app';
  const service = textOf(attributes, 'rpc.service');
  const method = textOf(attributes, 'rpc.method');
  // Newer conventions give the method its service: `shop.Cart/Add`.
  const path = method?.includes('/') || service === undefined ? method : `${service}/${method ?? ''}`;
  const resource = path === undefined ? undefined : protocol === 'grpc' ? `/${path.replace(/^\//, '')}` : path;
  const statusCode = protocol === 'grpc' ? grpcCode(attributes) : undefined;
  return {
    protocol,
    // gRPC's method is in its path.
    method: protocol === 'grpc' ? undefined : method,
    resource,
    endpoint: resource,
    statusCode,
    status: grpcStatus(statusCode),
  };
}

/** A number in the old convention, the code's name in the new one. */
function grpcCode(attributes: AttributeMap): number | undefined {
  const number = integerOf(attributes, 'rpc.grpc.status_code', 'rpc.response.status_code');
  if (number !== undefined) return number;
  const named = GRPC_CODES.indexOf(textOf(attributes, 'rpc.response.status_code') ?? '');
  return named < 0 ? undefined : named;
}

function grpcStatus(code: number | undefined): DescribedRequest['status'] {
  if (code === undefined) return undefined;
  if (code === 0) return 'ok';
  return GRPC_SERVER_ERRORS.has(code) ? 'server_error' : 'client_error';
}
