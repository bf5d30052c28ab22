import type { ApiError } from '../../api/contract';
import { PRIVATE_API } from '../../private/messages';
import { askPrivately } from '../private/private-session';
import { RequestError } from './request-error';

/**
 * Asks the server and returns its JSON, whose shape the contract promises. What is private is asked in this tab, and never
 * leaves it.
 * @throws RequestError for every failure but an abort, which is passed on.
 */
export async function request<Answer>(path: string, init?: RequestInit): Promise<Answer> {
  if (path.startsWith(`${PRIVATE_API}/`)) return (await askPrivately(path)) as Answer;
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw unreachable();
  }
  const text = await response.text();
  if (!response.ok) throw errorOf(response.status, text);
  return (text === '' ? undefined : JSON.parse(text)) as Answer;
}

/** JSON in a request's body. */
export function withJson(method: 'POST' | 'PATCH', body: unknown): RequestInit {
  return { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

export function unreachable(): RequestError {
  return new RequestError(0, 'unreachable', 'The Causeway server does not answer. Check that it is still running.');
}

/** Reads an `ApiError`; anything else (a proxy's page, say) becomes a sentence with the status. */
export function errorOf(status: number, body: string): RequestError {
  try {
    const { error } = JSON.parse(body) as ApiError;
    if (typeof error.message === 'string') return new RequestError(status, error.code, error.message);
  } catch {
    // not JSON: below
  }
  return new RequestError(status, 'unexpected', `The server answered with status ${status} and no explanation.`);
}
