import { listProcesses } from '../host/processes';
import type { NativeSession } from '../native/native-addon';
import { fileOf, type MappedFile, mappedFiles } from './mapped-files';

/** A probe's place: the program of `bpf/` that is run there, and the instruction's offset in the file. */
export interface ProbePoint {
  readonly program: string;
  readonly offset: number;
}

/** What a kind of probe looks for. */
export interface ProbeKind {
  /** Whether the file's contents are worth a look, by its name; the program itself always is. */
  looksAt(name: string): boolean;
  /** Files that a process may load later, before it is seen to: the probes are there when it does. */
  readonly expected: readonly string[];
  pointsIn(file: MappedFile): readonly ProbePoint[];
  /** The process runs, or is about to run, this program. */
  onProgram?(pid: number, program: MappedFile): void;
}

/**
 * The uprobes of one recording: finds in each process that is recorded the files of interest and attaches to them, for
 * that process alone. `look` is called when a process begins or executes a program, and now and then, as libraries come late.
 */
export class ProcessProbes {
  /** Files that probes were attached to, by process. */
  private readonly attached = new Map<number, Set<string>>();
  private readonly points = new Map<string, readonly ProbePoint[]>();
  private readonly waiting = new Set<number>();
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    private readonly session: NativeSession,
    private readonly kinds: readonly ProbeKind[],
    /** Attach to what processes may load, too. Not sensible for every process of a host. */
    private readonly ahead: boolean,
    private readonly allProcesses: boolean,
  ) {}

  /** Processes with a probe of this kind. */
  processesWith(kind: ProbeKind): number {
    const prefix = `${this.kinds.indexOf(kind)} `;
    return [...this.attached.values()].filter((files) => [...files].some((key) => key.startsWith(prefix))).length;
  }

  /** All processes that are recorded now; forgets the ones that ended unseen. */
  lookAtAll(): void {
    if (this.closed) return;
    const running = new Set(listProcesses().map(({ pid }) => pid));
    for (const pid of this.attached.keys()) if (!running.has(pid)) this.ended(pid);
    for (const pid of running) {
      if (pid !== process.pid && (this.allProcesses || this.session.isTarget(pid))) this.look(pid);
    }
  }

  /** Soon: the caller is in the middle of a batch. */
  lookSoon(pid: number): void {
    this.waiting.add(pid);
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      for (const each of this.waiting) this.look(each);
      this.waiting.clear();
    }, 0);
  }

  /** `program`: the file that it is about to execute, if that is known. */
  look(pid: number, program?: string): void {
    if (this.closed || pid === process.pid) return;
    const mapped = mappedFiles(pid);
    const next = program === undefined ? undefined : fileOf(pid, program);
    const known = this.attached.get(pid) ?? new Set();
    this.attached.set(pid, known);
    for (const kind of this.kinds) {
      const files = mapped.filter(({ name, isProgram }) => isProgram || kind.looksAt(name));
      if (next !== undefined) files.push(next);
      const expected = this.ahead ? kind.expected.flatMap((name) => fileOf(pid, name) ?? []) : [];
      for (const file of [...files, ...expected]) {
        if (file.isProgram || file === next) kind.onProgram?.(pid, file);
        this.attach(pid, file, kind, known);
      }
    }
  }

  ended(pid: number): void {
    if (this.closed || !this.attached.delete(pid)) return;
    this.session.releaseProbes(pid);
  }

  /** Attaches no more. */
  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }

  private attach(pid: number, file: MappedFile, kind: ProbeKind, known: Set<string>): void {
    const key = `${this.kinds.indexOf(kind)} ${file.id}`;
    if (known.has(key)) return;
    known.add(key);
    let points = this.points.get(key);
    if (points === undefined) {
      points = kind.pointsIn(file);
      this.points.set(key, points);
    }
    if (points.length === 0) known.delete(key);
    for (const { program, offset } of points) this.session.attachProbe(program, pid, file.path, offset);
  }
}
