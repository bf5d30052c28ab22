import type { NativeSession } from '../native/native-addon';
import { ElfFile, type ElfFunction } from './elf';
import { getsCreatorInBx, goroutineIdAt, returnsIn, threadPlaceOf } from './go-code';
import { goFunctions, isGo } from './go-functions';
import type { MappedFile } from './mapped-files';
import type { ProbeKind, ProbePoint } from './process-probes';

/** Makes a goroutine. */
const NEWPROC = 'runtime.newproc1';
/** Is told by it who makes one. */
const SAVE_ANCESTORS = 'runtime.saveAncestors';
/** Lets a thread go on with another goroutine. */
const GOGO = 'gogo';
const NAMES = new Set([NEWPROC, SAVE_ANCESTORS, GOGO]);
/** Longest function that is read. */
const MAX_FUNCTION_BYTES = 65_536;

/** How goroutines are told apart in a program. */
export interface GoProgram {
  readonly kind: 'known';
  /** Of the id in a `runtime.g`. */
  readonly idAt: number;
  /** Of the pointer to the current `runtime.g`, from the thread pointer on. */
  readonly threadPlace: number;
  readonly points: readonly ProbePoint[];
}

/** A Go program of which nothing is told, as something that must be known was not found. */
export interface UnknownGoProgram {
  readonly kind: 'unknown';
  readonly reason: string;
}

/** `undefined` = no Go program. */
export function goProgram(path: string): GoProgram | UnknownGoProgram | undefined {
  return ElfFile.read(path, (file) => (isGo(file) ? programIn(file) : undefined));
}

function programIn(file: ElfFile): GoProgram | UnknownGoProgram {
  const found = goFunctions(file, NAMES);
  if (found.kind === 'too-old')
    return unknown('it was built with Go 1.17 or older, and 1.18 is the first that is known');
  if (found.kind === 'nameless') return unknown('the table of its functions was not found');
  const newproc = found.functions.get(NEWPROC);
  const saveAncestors = found.functions.get(SAVE_ANCESTORS);
  const gogo = found.functions.get(GOGO);
  if (newproc === undefined || saveAncestors === undefined || gogo === undefined)
    return unknown('it lacks functions of the runtime that are known');
  const code = codeOf(file, newproc);
  const idAt = code && goroutineIdAt(code);
  const returns = code === undefined ? [] : returnsIn(code).map((at) => newproc.offset + at);
  const threadPlace = threadPlaceOf(codeOf(file, gogo) ?? Buffer.alloc(0));
  const creator = code !== undefined && getsCreatorInBx(code, saveAncestors.offset - newproc.offset);
  if (idAt === undefined) return unknown("where its runtime keeps a goroutine's id could not be read from its code");
  if (threadPlace === undefined) return unknown('where a thread keeps its goroutine could not be read from its code');
  if (!creator || returns.length === 0) return unknown('how it makes a goroutine could not be read from its code');
  const ends = returns.map((offset) => ({ program: 'go_newproc_return', offset }));
  return { kind: 'known', idAt, threadPlace, points: [{ program: 'go_newproc', offset: newproc.offset }, ...ends] };
}

function unknown(reason: string): UnknownGoProgram {
  return { kind: 'unknown', reason };
}

function codeOf(file: ElfFile, { offset, size }: ElfFunction): Buffer | undefined {
  return size <= MAX_FUNCTION_BYTES ? file.bytesAt(offset, size) : undefined;
}

/** The probes of `bpf/coroutine.bpf.h`. `tell` is called once for each Go program that is not known. */
export function goProbes(session: NativeSession, tell: (text: string) => void): ProbeKind {
  const programs = new Map<string, GoProgram | UnknownGoProgram | undefined>();
  const lookUp = ({ id, name, path }: MappedFile) => {
    if (programs.has(id)) return programs.get(id);
    const program = goProgram(path);
    programs.set(id, program);
    if (program?.kind === 'unknown') tell(`Goroutines of ${name} are not told apart: ${program.reason}.`);
    return program;
  };
  return {
    looksAt: () => false,
    expected: [],
    pointsIn(file) {
      const program = lookUp(file);
      return program?.kind === 'known' ? program.points : [];
    },
    onProgram(pid, file) {
      const program = lookUp(file);
      if (program?.kind === 'known') session.setGoroutinePlaces(pid, program.idAt, program.threadPlace);
      else session.setGoroutinePlaces(pid, 0, 0);
    },
  };
}

/** What starting a goroutine takes longer, in microseconds: `npm run bench`, on the machine named in docs/recording.md. */
const ADDED_MICROSECONDS = 30;

/** For the start of a recording. */
export const GO_TEXT = `Goroutines are told apart. Starting one takes about ${ADDED_MICROSECONDS} µs longer.`;
