import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { ApiFailure } from '../../api/failure';
import { sendError, sendJson } from './respond';

export interface RouteContext {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  /** Value of `:name` in the pattern, decoded. */
  param(name: string): string;
  /** @throws ApiFailure 404 when the value is no UUID, as nothing has such an id. */
  id(name: string): string;
}

/** What a handler returns is sent as JSON with status 200; `undefined` = the handler answered by itself. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** e.g. `/api/captures/:capture`. */
  readonly pattern: string;
  handle(context: RouteContext): Promise<unknown>;
}

const uuid = z.uuid();

/** Answers every request below /api/. */
export function createRouter(routes: readonly Route[]) {
  const table = routes.map((route) => ({ route, parts: route.pattern.split('/') }));

  async function answer(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const parts = url.pathname.split('/');
    const matches = table.filter((entry) => matchesPattern(entry.parts, parts));
    const found = matches.find(
      ({ route }) => route.method === request.method || (route.method === 'GET' && request.method === 'HEAD'),
    );
    if (found === undefined) {
      if (matches.length === 0) throw new ApiFailure(404, 'not-found', `There is nothing at ${url.pathname}.`);
      throw new ApiFailure(405, 'method-not-allowed', `${request.method} is not possible on ${url.pathname}.`);
    }
    const param = (name: string): string => decode(parts[found.parts.indexOf(`:${name}`)] ?? '');
    const result = await found.route.handle({
      request,
      response,
      query: url.searchParams,
      param,
      id: (name) => {
        const value = param(name);
        if (!uuid.safeParse(value).success)
          throw new ApiFailure(404, 'not-found', `There is no such ${name}; it may have been deleted.`);
        return value.toLowerCase();
      },
    });
    if (result !== undefined) await sendJson(request, response, 200, result);
  }

  return (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> =>
    answer(request, response, url).catch((error: unknown) => sendError(request, response, error));
}

function matchesPattern(pattern: readonly string[], parts: readonly string[]): boolean {
  return (
    pattern.length === parts.length &&
    pattern.every((part, i) => part === parts[i] || (part.startsWith(':') && parts[i] !== ''))
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ApiFailure(400, 'bad-request', 'The address is not encoded properly.');
  }
}
