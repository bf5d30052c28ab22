import type { ApiError } from '../../api/contract';

/** What went wrong with a request, in the server's own words where it answered. */
export class RequestError extends Error {
  constructor(
    /** HTTP status; 0 when no answer came. */
    readonly status: number,
    /** The stable word of `ApiError`, or `unreachable`, `unexpected`. */
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'RequestError';
  }
}

/**
 * Asks the server and returns its JSON, whose shape the contract promises.
 * @throws RequestError for every failure but an abort, which is passed on.
 */
export async function request<Answer>(path: string, init?: RequestInit): Promise<Answer> {
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
