/** Thrown by a handler: answered as `ApiError` with this status. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure';

  constructor(
    /** 400–599. */
    readonly status: number,
    /** Stable word for programs. */
    readonly code: string,
    /** One sentence that says what to do. */
    message: string,
  ) {
    super(message);
  }
}

export const notFound = (what: string): ApiFailure =>
  new ApiFailure(404, 'not-found', `There is no such ${what}; it may have been deleted.`);
