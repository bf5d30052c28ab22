import { ElfFile, type ElfSection } from '../../src/probes/elf';

/** Linux rounds each function's part of the stack up to this: `check_max_stack_depth` in `kernel/bpf/verifier.c`. */
const GRAIN = 32;
const FRAME_POINTER = 10;
const CALL = 0x85;
const CALL_OF_PROGRAM = 1;
const MOVE = 0xbf;
const ADD = 0x07;

interface Program {
  readonly name: string;
  readonly stack: number;
  /** Where the called ones begin: section and byte. */
  readonly calls: readonly string[];
}

/** Of each function in an object of kernel programs, the bytes of stack that it and all below it take, in the longest chain. */
export function stackOfPrograms(path: string): ReadonlyMap<string, number> {
  const programs = ElfFile.read(path, programsIn);
  if (programs === undefined) throw new Error(`${path} is no object`);
  const depthOf = (place: string): number => {
    const program = programs.get(place);
    if (program === undefined) throw new Error(`nothing begins at ${place}`);
    const own = Math.max(1, Math.ceil(program.stack / GRAIN)) * GRAIN;
    return own + Math.max(0, ...program.calls.map(depthOf));
  };
  return new Map([...programs].map(([place, { name }]) => [name, depthOf(place)]));
}

function programsIn(file: ElfFile): ReadonlyMap<string, Program> {
  const contents = ({ offset, size }: ElfSection) => file.bytesAt(offset, size) ?? Buffer.alloc(0);
  const table = file.section('.symtab')!;
  const names = contents(file.sections[table.link]!);
  const symbols = rows(contents(table), 24).map((row) => ({
    name: names.toString('latin1', row.readUInt32LE(0), names.indexOf(0, row.readUInt32LE(0))),
    isFunction: (row[4]! & 0xf) === 2,
    section: row.readUInt16LE(6),
    at: Number(row.readBigUInt64LE(8)),
    size: Number(row.readBigUInt64LE(16)),
  }));
  const programs = new Map<string, Program>();
  for (const [number, section] of file.sections.entries()) {
    const functions = symbols.filter((symbol) => symbol.isFunction && symbol.section === number);
    if (functions.length === 0) continue;
    const relocations = file.section(`.rel${section.name}`);
    const moved = new Map(
      rows(relocations === undefined ? Buffer.alloc(0) : contents(relocations), 16).map((row) => [
        Number(row.readBigUInt64LE(0)),
        symbols[row.readUInt32LE(12)]!,
      ]),
    );
    const code = contents(section);
    for (const { name, at, size } of functions) {
      const calls: string[] = [];
      let stack = 0;
      for (let place = at; place < at + size; place += 8) {
        const [opcode = 0, registers = 0] = code.subarray(place, place + 2);
        const [to, from] = [registers & 0xf, registers >> 4];
        const [offset, value] = [code.readInt16LE(place + 2), code.readInt32LE(place + 4)];
        const target = moved.get(place);
        // Functions of the kernel are called in the same way, but lie in no section.
        if (opcode === CALL && from === CALL_OF_PROGRAM && target?.section !== 0) {
          const begin = 8 * (value + 1);
          calls.push(target === undefined ? `${number} ${place + begin}` : `${target.section} ${target.at + begin}`);
        }
        // Loads, and the two kinds of stores.
        const kind = opcode & 7;
        if (kind === 1 ? from === FRAME_POINTER : (kind === 2 || kind === 3) && to === FRAME_POINTER) {
          stack = Math.max(stack, -offset);
        }
        // An address: rN = r10; rN += value.
        const isAddress = opcode === MOVE && from === FRAME_POINTER && code[place + 8] === ADD;
        if (isAddress && (code[place + 9]! & 0xf) === to) stack = Math.max(stack, -code.readInt32LE(place + 12));
      }
      programs.set(`${number} ${at}`, { name, stack, calls });
    }
  }
  return programs;
}

function rows(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.floor(bytes.length / size) }, (_, row) =>
    bytes.subarray(row * size, (row + 1) * size),
  );
}
