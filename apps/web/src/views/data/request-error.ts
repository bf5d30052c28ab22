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
