import { closeSync, fchownSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';

/** Captures hold what programs said to each other: for their owner only. */
const PRIVATE = 0o600;

/** A capture being written. Each write goes to the kernel at once: what was written survives the death of the agent. */
export class CaptureFile {
  private readonly fd: number;
  private length = 0;

  /** Replaces a file that is there; under sudo the file belongs to who called it. Throws what `open` throws. */
  constructor(path: string) {
    this.fd = openSync(path, 'w', PRIVATE);
    const [uid, gid] = [Number(process.env.SUDO_UID), Number(process.env.SUDO_GID)];
    if (process.getuid?.() === 0 && uid > 0 && gid > 0 && fstatSync(this.fd).isFile()) fchownSync(this.fd, uid, gid);
  }

  /** Writes all of it, or none: after a failure (a full disk) the file still ends with a whole frame. */
  write(bytes: Uint8Array): void {
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.fd, bytes, at, bytes.length - at);
      this.length += bytes.length;
    } catch (error) {
      if (fstatSync(this.fd).isFile()) ftruncateSync(this.fd, this.length);
      throw error;
    }
  }

  close(): void {
    closeSync(this.fd);
  }
}
