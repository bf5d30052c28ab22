import { pathEndpoint } from '../../protocol/path-endpoint';
import { integerOf, textOf } from './attributes';
import type { DescribedRequest } from './described-request';
import type { AttributeMap } from './reported-span';

const DEFAULT_PORTS: ReadonlySet<number> = new Set([80, 443]);

/**
 * HTTP: https://opentelemetry.io/docs/specs/semconv/http/http-spans/ (stable since 1.23), and before that
 * `http.method`, `http.target`, `http.url`, `http.host`, `http.status_code`, `http.flavor`.
 */
export function describeHttp(attributes: AttributeMap): DescribedRequest | undefined {
  const method = textOf(attributes, 'http.request.method', 'http.method');
  const url = textOf(attributes, 'url.full', 'http.url');
  const statusCode = integerOf(attributes, 'http.response.status_code', 'http.status_code');
  if (method === undefined && statusCode === undefined && textOf(attributes, 'http.url', 'http.target') === undefined) {
    return undefined;
  }
  const version = httpVersion(attributes);
  const resource = targetOf(attributes, url);
  const route = textOf(attributes, 'http.route', 'url.template');
  return {
    protocol: version?.startsWith('2') ? 'http2' : 'http',
    method: method?.toUpperCase(),
    resource,
    endpoint: route ?? (resource === undefined ? undefined : pathEndpoint(resource)),
    domain: domainOf(attributes, url),
    version,
    statusCode,
    status: httpStatus(statusCode),
  };
}

function httpStatus(code: number | undefined): DescribedRequest['status'] {
  if (code === undefined) return undefined;
  if (code >= 500) return 'server_error';
  return code >= 400 ? 'client_error' : 'ok';
}

/** `HTTP/1.1`, `1.1`, `2`, `2.0`. */
function httpVersion(attributes: AttributeMap): string | undefined {
  const version = textOf(attributes, 'network.protocol.version', 'net.protocol.version', 'http.flavor');
  return version?.replace(/^http\//i, '').replace(/^([23])\.0$/, '$1');
}

/** Path and query, as the request line has them. */
function targetOf(attributes: AttributeMap, url: string | undefined): string | undefined {
  const path = textOf(attributes, 'url.path');
  if (path !== undefined) {
    const query = textOf(attributes, 'url.query');
    return query === undefined ? path : `${path}?${query.replace(/^\?/, '')}`;
  }
  const target = textOf(attributes, 'http.target');
  if (target !== undefined || url === undefined) return target;
  const rest = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*([^#]*)/i.exec(url)?.[1];
  if (rest === undefined) return undefined;
  return rest.startsWith('/') ? rest : `/${rest}`;
}

function domainOf(attributes: AttributeMap, url: string | undefined): string | undefined {
  const host = textOf(attributes, 'http.host');
  if (host !== undefined) return host;
  const address = textOf(attributes, 'server.address', 'http.server_name', 'net.host.name', 'net.peer.name');
  if (address === undefined) return url === undefined ? undefined : /^[a-z][^:]*:\/\/([^/?#]*)/i.exec(url)?.[1];
  const port = integerOf(attributes, 'server.port', 'net.host.port', 'net.peer.port');
  return port === undefined || DEFAULT_PORTS.has(port) ? address : `${address}:${port}`;
}
