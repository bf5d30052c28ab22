/** An error whose message is one sentence for the person at the terminal or the page: shown without a stack. */
export class PlainError extends Error {
  override readonly name = 'PlainError';
}

/** `error.code` of Node's and PostgreSQL's errors; undefined for others. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
