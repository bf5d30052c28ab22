/** What the command line gets wrong or the host does not allow: one sentence that says what to do. */
export class UserError extends Error {
  constructor(
    message: string,
    /** 1 = it could not be done, 2 = it was asked for wrongly. */
    readonly exitStatus: 1 | 2,
  ) {
    super(message);
  }
}

/** The message of a system call's error in words, e.g. `no space left on device`. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  return code === undefined ? error.message : (error.message.match(/^\w+: ([^,]+)/)?.[1] ?? error.message);
}
