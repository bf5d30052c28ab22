import type { NativeSession } from '../native/native-addon';
import { ElfFile, type ElfFunction } from './elf';
import type { ProbeKind, ProbePoint } from './process-probes';

const NEWPROC = 'runtime.newproc1';
/** `debug/buildinfo`: magic, size of pointers, flags; bit 1: the version follows, with its length, at byte 32. */
const BUILD_INFO_MAGIC = Buffer.from('\xff Go buildinf:', 'latin1');
const BUILD_INFO_FLAGS_AT = 15;
const INLINE_VERSION = 2;
const BUILD_INFO_BYTES = 64;
const VERSION_AT = 32;
/** Length of a function that is searched for its return. */
const MAX_FUNCTION_BYTES = 65_536;

/**
 * Where `goid` stands in `runtime.g` on amd64, by Go 1.N: `src/runtime/runtime2.go` of each. 1.18 is the first that tells its
 * version as is read here, 1.23 put `syscallbp` before the id.
 */
const GOID_OFFSETS: readonly { readonly from: number; readonly to: number; readonly offset: number }[] = [
  { from: 18, to: 22, offset: 152 },
  { from: 23, to: 24, offset: 160 },
];

export interface GoProgram {
  /** Such as `go1.19.8`. */
  readonly version: string;
  readonly goidOffset: number;
  readonly points: readonly ProbePoint[];
}

/** `undefined` = no Go program, of a version that is not known, or without the names of its functions (stripped). */
export function goProgram(path: string): GoProgram | undefined {
  return ElfFile.read(path, (file) => {
    const version = versionOf(file);
    const goidOffset = version === undefined ? undefined : goidOffsetOf(version);
    if (version === undefined || goidOffset === undefined) return undefined;
    const newproc = file.functions(new Set([NEWPROC])).get(NEWPROC);
    const returns = newproc && returnsOf(file, newproc);
    if (newproc === undefined || returns === undefined || returns.length === 0) return undefined;
    const points = returns.map((offset) => ({ program: 'go_newproc_return', offset }));
    return { version, goidOffset, points: [{ program: 'go_newproc', offset: newproc.offset }, ...points] };
  });
}

export function goidOffsetOf(version: string): number | undefined {
  const minor = Number(/^go1\.(\d+)/.exec(version)?.[1]);
  return GOID_OFFSETS.find(({ from, to }) => minor >= from && minor <= to)?.offset;
}

function versionOf(file: ElfFile): string | undefined {
  const section = file.section('.go.buildinfo');
  const info = section && file.bytesAtAddress(section.address, Math.min(section.size, BUILD_INFO_BYTES));
  if (info === undefined || info.length <= VERSION_AT || !info.subarray(0, 14).equals(BUILD_INFO_MAGIC))
    return undefined;
  if ((info[BUILD_INFO_FLAGS_AT]! & INLINE_VERSION) === 0) return undefined;
  const length = info[VERSION_AT]!;
  return info.toString('latin1', VERSION_AT + 1, VERSION_AT + 1 + length);
}

/**
 * Offsets of the function's returns: a `ret` behind what takes the frame off the stack, `add $n, %rsp`, and from Go 1.21 on
 * `pop %rbp`. Bytes in the middle of another instruction do not look like all of that.
 */
function returnsOf(file: ElfFile, { offset, size }: ElfFunction): number[] | undefined {
  const code = size <= MAX_FUNCTION_BYTES ? file.bytesAt(offset, size) : undefined;
  return code && returnsIn(code).map((at) => offset + at);
}

export function returnsIn(code: Uint8Array): number[] {
  const found: number[] = [];
  for (let at = 0; at + 4 < code.length; at += 1) {
    if (code[at] !== 0x48 || code[at + 2] !== 0xc4) continue;
    // add $imm8 (83) or $imm32 (81).
    const length = code[at + 1] === 0x83 ? 4 : code[at + 1] === 0x81 ? 7 : 0;
    if (length === 0) continue;
    const next = at + length + (code[at + length] === 0x5d ? 1 : 0);
    if (code[next] === 0xc3) found.push(next);
  }
  return found;
}

/** The probes of `bpf/coroutine.bpf.h`. */
export function goProbes(session: NativeSession): ProbeKind {
  const offsets = new Map<string, number>();
  return {
    looksAt: () => false,
    expected: [],
    pointsIn: (path) => goProgram(path)?.points ?? [],
    onProgram(pid, { id, path }) {
      const offset = offsets.get(id) ?? goProgram(path)?.goidOffset ?? 0;
      offsets.set(id, offset);
      session.setGoroutineOffset(pid, offset);
    },
  };
}

/** What starting a goroutine takes longer, in microseconds: `npm run bench`, on the machine named in docs/recording.md. */
const ADDED_MICROSECONDS = 30;

/** For the start of a recording. */
export const GO_TEXT = `Goroutines are told apart. Starting one takes about ${ADDED_MICROSECONDS} µs longer.`;
