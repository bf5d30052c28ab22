import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, messageOf, PlainError } from './plain-error';

/** Where things lie below the data folder. */
export class DataFolder {
  constructor(readonly path: string) {}

  /** Absolute path of a `Capture.filePath`. */
  resolve(relative: string): string {
    return join(this.path, relative);
  }
  captureFile(captureId: string): string {
    return `captures/${captureId}.causeway.msgpack`;
  }
  uploadFile(uploadId: string): string {
    return this.resolve(`uploads/${uploadId}.part`);
  }

  /**
   * Makes the folders. Captures hold private data, so only the owner may enter theirs; the data folder itself can be
   * passed through, because the embedded database may run as another user.
   */
  async prepare(): Promise<void> {
    try {
      await mkdir(this.path, { recursive: true, mode: 0o755 });
      for (const name of ['captures', 'uploads']) await mkdir(this.resolve(name), { recursive: true, mode: 0o700 });
    } catch (error) {
      if (errorCode(error) === 'ENOSPC')
        throw new PlainError(`The disk that holds ${this.path} is full: make room there.`);
      throw new PlainError(
        `The data folder ${this.path} cannot be made (${messageOf(error)}): set CAUSEWAY_DATA to a folder you may write to.`,
      );
    }
  }
}
