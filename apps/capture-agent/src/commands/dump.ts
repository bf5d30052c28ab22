import { resolve } from 'node:path';
import { requestDump } from '../flight/control';
import { concatenate, type Dump } from '../flight/flight-ring';
import { controlSocket, type RingFolder, removeRing, ringFolders, ringRoot, segmentPaths } from '../flight/ring-store';
import { byteText } from './status-line';
import { reasonOf, UserError } from './user-error';

export interface DumpOptions {
  readonly output?: string;
  readonly pid?: number;
  readonly ringFolder?: string;
}

/** A recorder that is a service may write to its state folder only. */
const OWN_USER = ' It writes with its own rights: name a file in a folder of its user, or leave -o out.';

/** The one that is meant. Throws `UserError` when there is none, or more than one. */
function chosen({ pid, ringFolder = ringRoot() }: DumpOptions): RingFolder {
  const found = ringFolders(ringFolder).filter(({ session }) => pid === undefined || session.pid === pid);
  const running = found.filter((ring) => ring.running);
  const candidates = running.length > 0 ? running : found;
  const [first, ...others] = candidates;
  if (first === undefined) {
    throw new UserError(
      pid === undefined
        ? 'No flight recorder runs here: start one with `causeway record --ring 5m -o FILE …`.'
        : `No flight recorder with process ${pid} is known here.`,
      1,
    );
  }
  if (others.length === 0) return first;
  const list = candidates.map(({ session }) => `  --pid ${session.pid}  ${session.name}, since ${session.started}`);
  throw new UserError(`There are several flight recorders; say which:\n${list.join('\n')}`, 2);
}

/** `causeway dump`: makes a flight recorder write what it holds; of one that was killed, saves what it left. */
export async function dump(options: DumpOptions): Promise<number> {
  const ring = chosen(options);
  const output = options.output === undefined ? undefined : resolve(options.output);
  let result: Dump | undefined;
  if (ring.running) {
    try {
      result = await requestDump(controlSocket(ring.folder), output === undefined ? {} : { output });
    } catch (error) {
      // Its process id may have gone to another program meanwhile.
      if (!/ECONNREFUSED|ENOENT/.test(String((error as NodeJS.ErrnoException).code))) {
        const reason = reasonOf(error);
        const hint = output !== undefined && /EACCES|EROFS|EPERM/.test(reason) ? OWN_USER : '';
        throw new UserError(`The flight recorder could not write: ${reason}.${hint}`, 1);
      }
    }
  }
  if (result !== undefined) {
    process.stderr.write(`Wrote the last ${result.seconds.toFixed(0)} s, ${byteText(result.bytes)}: ${result.path}\n`);
    return 0;
  }
  const path = output ?? ring.session.output;
  try {
    const bytes = concatenate(segmentPaths(ring.folder), path);
    process.stderr.write(`The recorder has ended without a word. Saved what it held, ${byteText(bytes)}: ${path}\n`);
  } catch (error) {
    throw new UserError(`${path} cannot be written: ${reasonOf(error)}.`, 1);
  }
  removeRing(ring.folder);
  return 0;
}
