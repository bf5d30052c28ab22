import { access, constants, mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
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
      await makeFolder(this.path, 0o755);
      for (const name of ['captures', 'uploads']) await makeFolder(this.resolve(name), 0o700);
    } catch (error) {
      if (errorCode(error) === 'ENOSPC')
        throw new PlainError(`The disk that holds ${this.path} is full: make room there.`);
      throw new PlainError(
        `The data folder ${this.path} cannot be used (${messageOf(error)}): set CAUSEWAY_DATA to a folder you may write to.`,
      );
    }
  }
}

/** Like a recursive mkdir, which in Node never returns where the parent exists and takes no folders, as below /proc. */
async function makeFolder(path: string, mode: number): Promise<void> {
  await makeMissing(path, mode);
  await access(path, constants.W_OK);
}

async function makeMissing(path: string, mode: number): Promise<void> {
  if (await isFolder(path)) return;
  if (dirname(path) !== path) await makeMissing(dirname(path), 0o755);
  await mkdir(path, { mode }).catch(async (error: unknown) => {
    // Another process may have made it meanwhile.
    if (!(await isFolder(path))) throw error;
  });
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}
