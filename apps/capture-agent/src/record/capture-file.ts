import { closeSync, fchownSync, fstatSync, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs';

/** Captures hold what programs said to each other: for their owner only. */
const PRIVATE = 0o600;

/** A capture being written. Each write goes to the kernel at once: what was written survives the death of the agent. */
export class CaptureFile {
  private fd: number | undefined;
  private length = 0;

  /** Made by the first write, which replaces a file that is there: a recording that cannot begin leaves nothing behind. */
  constructor(private readonly path: string) {}

  /** Writes all of it, or none: after a failure (a full disk) the file still ends with a whole frame. */
  write(bytes: Uint8Array): void {
    this.fd ??= open(this.path);
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.fd, bytes, at, bytes.length - at);
      this.length += bytes.length;
    } catch (error) {
      if (fstatSync(this.fd).isFile()) ftruncateSync(this.fd, this.length);
      throw error;
    }
  }

  close(): void {
    if (this.fd !== undefined) closeSync(this.fd);
    this.fd = undefined;
  }

  /** Of a recording that failed before its first event. */
  discard(): void {
    const made = this.fd !== undefined && fstatSync(this.fd).isFile();
    this.close();
    if (made) rmSync(this.path, { force: true });
  }
}

/** Under sudo the file belongs to who called it. */
function open(path: string): number {
  const fd = openSync(path, 'w', PRIVATE);
  const [uid, gid] = [Number(process.env.SUDO_UID), Number(process.env.SUDO_GID)];
  if (process.getuid?.() === 0 && uid > 0 && gid > 0 && fstatSync(fd).isFile()) fchownSync(fd, uid, gid);
  return fd;
}
