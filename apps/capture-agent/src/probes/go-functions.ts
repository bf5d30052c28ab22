import type { ElfFile, ElfFunction, ElfSection } from './elf';

/** `cmd/link` names the table so; the second in position-independent programs, before Go 1.26. */
const TABLE_NAMES = ['.gopclntab', '.data.rel.ro.gopclntab'];
/** `internal/abi`: of Go 1.18 and of Go 1.20, which have what is read here in common. */
const MAGICS: ReadonlySet<number> = new Set([0xfffffff0, 0xfffffff1]);
/** Of Go 1.2 and 1.16. */
const OLD_MAGICS: ReadonlySet<number> = new Set([0xfffffffb, 0xfffffffa]);
const HEADER_BYTES = 72;
/** `runtime.moduledata.text`; Go 1.26 no longer has it in the table's header. */
const TEXT_IN_MODULE = 176;

export type GoFunctions =
  | { readonly kind: 'found'; readonly functions: ReadonlyMap<string, ElfFunction> }
  /** Made by Go 1.17 or an older one. */
  | { readonly kind: 'too-old' }
  /** Neither table nor symbols are where they are looked for. */
  | { readonly kind: 'nameless' };

/**
 * Of the names, the program's functions. Go programs carry a table of all their functions, which the runtime itself needs for
 * stack traces, so that it is there in stripped ones, too: `runtime/symtab.go`, `pcHeader`. Only where a C linker put it into
 * another section are the symbols needed.
 *
 *   magic:4 0:2 quantum:1 pointerSize:1 functions:8 files:8 textStart:8 namesAt:8 cuAt:8 filesAt:8 pcAt:8 functionsAt:8
 *   at functionsAt: for each function where it begins, from textStart on:4 where it is described, from functionsAt on:4
 *   there: begin:4 nameAt:4 …
 */
export function goFunctions(file: ElfFile, names: ReadonlySet<string>): GoFunctions {
  const section = TABLE_NAMES.map((name) => file.section(name)).find((each) => each !== undefined);
  if (section === undefined) {
    const functions = file.functions(names);
    return functions.size === 0 ? { kind: 'nameless' } : { kind: 'found', functions };
  }
  const table = file.bytesAt(section.offset, section.size);
  const magic = table === undefined || table.length < HEADER_BYTES ? 0 : table.readUInt32LE(0);
  if (OLD_MAGICS.has(magic)) return { kind: 'too-old' };
  if (table === undefined || !MAGICS.has(magic)) return { kind: 'nameless' };
  try {
    return { kind: 'found', functions: functionsIn(table, names, file) };
  } catch (error) {
    // A table that points beyond its end.
    if (error instanceof RangeError) return { kind: 'nameless' };
    throw error;
  }
}

/** Whether the file says that Go made it, whatever it lacks. */
export function isGo(file: ElfFile): boolean {
  return file.sections.some(({ name }) =>
    /^\.(?:go\.buildinfo|note\.go\.buildid|data\.rel\.ro\.gopclntab|gopclntab)$/.test(name),
  );
}

function functionsIn(table: Buffer, names: ReadonlySet<string>, file: ElfFile): ReadonlyMap<string, ElfFunction> {
  const word = (index: number) => Number(table.readBigUInt64LE(8 + 8 * index));
  const count = word(0);
  const namesAt = word(3);
  const functionsAt = word(7);
  const text = word(2) || textOf(file);
  const wanted = new Map<number, string>();
  for (const name of names) {
    const at = table.indexOf(Buffer.from(`\0${name}\0`, 'latin1'), namesAt);
    if (at >= 0) wanted.set(at + 1 - namesAt, name);
  }
  const found = new Map<string, ElfFunction>();
  for (let index = 0; index < count && found.size < wanted.size; index += 1) {
    const entry = functionsAt + 8 * index;
    const begin = table.readUInt32LE(entry);
    const name = wanted.get(table.readUInt32LE(functionsAt + table.readUInt32LE(entry + 4) + 4));
    const offset = name === undefined ? undefined : file.offsetOf(text + begin);
    // The entry behind the last says where that one ends.
    if (offset !== undefined) found.set(name!, { offset, size: table.readUInt32LE(entry + 8) - begin });
  }
  return found;
}

function textOf(file: ElfFile): number {
  const addressIn = (section: ElfSection | undefined) => {
    const bytes = section && file.bytesAt(section.offset + TEXT_IN_MODULE, 8);
    return bytes === undefined ? 0 : Number(bytes.readBigUInt64LE(0));
  };
  return addressIn(file.section('.go.module')) || (file.section('.text')?.address ?? 0);
}
