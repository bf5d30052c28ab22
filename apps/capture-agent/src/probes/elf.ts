import { closeSync, openSync, readSync } from 'node:fs';

/** Sections and program headers of one file; more would be none that a linker made. */
const MAX_HEADERS = 4096;
/** A symbol or string table larger than this is not read. */
const MAX_TABLE_BYTES = 256 * 1024 * 1024;
const FILE_HEADER_BYTES = 64;
const SYMBOL_BYTES = 24;
const PT_LOAD = 1;
const SHT_SYMTAB = 2;
const SHT_DYNSYM = 11;
const STT_FUNC = 2;

export interface ElfSection {
  readonly name: string;
  readonly type: number;
  readonly address: number;
  readonly offset: number;
  readonly size: number;
  /** Of a symbol table: number of the section with its names. */
  readonly link: number;
}

interface LoadedPart {
  readonly offset: number;
  readonly address: number;
  readonly fileSize: number;
}

/** A function: where it stands in the file, and how many bytes it has. */
export interface ElfFunction {
  readonly offset: number;
  readonly size: number;
}

/**
 * A 64-bit little-endian ELF file (System V ABI, chapter 4; gabi.xinuos.com), read as far as finding functions and sections
 * needs. Tables are read when asked for: programs are large.
 */
export class ElfFile {
  private constructor(
    private readonly fd: number,
    private readonly parts: readonly LoadedPart[],
    readonly sections: readonly ElfSection[],
  ) {}

  /** Calls `use` with the file at `path`. `undefined` when it cannot be read or is no such file. */
  static read<T>(path: string, use: (file: ElfFile) => T): T | undefined {
    let fd: number;
    try {
      fd = openSync(path, 'r');
    } catch {
      return undefined;
    }
    try {
      const file = ElfFile.parse(fd);
      return file && use(file);
    } finally {
      closeSync(fd);
    }
  }

  private static parse(fd: number): ElfFile | undefined {
    const header = bytesAt(fd, 0, FILE_HEADER_BYTES);
    const isElf = header?.readUInt32BE(0) === 0x7f454c46 && header[4] === 2 && header[5] === 1;
    if (header === undefined || !isElf) return undefined;
    const parts = table(fd, header.readBigUInt64LE(32), header.readUInt16LE(54), header.readUInt16LE(56), 56);
    const raw = table(fd, header.readBigUInt64LE(40), header.readUInt16LE(58), header.readUInt16LE(60), 64);
    if (parts === undefined || raw === undefined) return undefined;
    const sections = raw.map((entry) => ({
      nameAt: entry.readUInt32LE(0),
      type: entry.readUInt32LE(4),
      address: Number(entry.readBigUInt64LE(16)),
      offset: Number(entry.readBigUInt64LE(24)),
      size: Number(entry.readBigUInt64LE(32)),
      link: entry.readUInt32LE(40),
    }));
    const names = sections[header.readUInt16LE(62)];
    const text = names && bytesAt(fd, names.offset, names.size);
    return new ElfFile(
      fd,
      parts
        .filter((entry) => entry.readUInt32LE(0) === PT_LOAD)
        .map((entry) => ({
          offset: Number(entry.readBigUInt64LE(8)),
          address: Number(entry.readBigUInt64LE(16)),
          fileSize: Number(entry.readBigUInt64LE(32)),
        })),
      sections.map(({ nameAt, ...section }) => ({ ...section, name: textAt(text, nameAt) })),
    );
  }

  section(name: string): ElfSection | undefined {
    return this.sections.find((section) => section.name === name);
  }

  bytesAt(offset: number, length: number): Buffer | undefined {
    return bytesAt(this.fd, offset, length);
  }

  /** Of the names, the functions that the file itself defines. */
  functions(names: ReadonlySet<string>): ReadonlyMap<string, ElfFunction> {
    const found = new Map<string, ElfFunction>();
    for (const section of this.sections) {
      if (section.type !== SHT_DYNSYM && section.type !== SHT_SYMTAB) continue;
      if (found.size < names.size) this.searchSymbols(section, names, found);
    }
    return found;
  }

  private searchSymbols(section: ElfSection, names: ReadonlySet<string>, found: Map<string, ElfFunction>): void {
    const strings = this.sections[section.link];
    const symbols = bytesAt(this.fd, section.offset, section.size);
    const text = strings && bytesAt(this.fd, strings.offset, strings.size);
    if (symbols === undefined || text === undefined) return;
    const wanted = new Map([...names].flatMap((name) => placesOf(text, name).map((at) => [at, name] as const)));
    for (let at = 0; at + SYMBOL_BYTES <= symbols.length; at += SYMBOL_BYTES) {
      const name = wanted.get(symbols.readUInt32LE(at));
      if (name === undefined || found.has(name)) continue;
      const defined = symbols.readUInt16LE(at + 6) !== 0;
      if ((symbols[at + 4]! & 0xf) !== STT_FUNC || !defined) continue;
      const offset = this.offsetOf(Number(symbols.readBigUInt64LE(at + 8)));
      if (offset !== undefined) found.set(name, { offset, size: Number(symbols.readBigUInt64LE(at + 16)) });
    }
  }

  /** Where in the file a place of the program's memory is; `undefined` where the file has none. */
  offsetOf(address: number): number | undefined {
    const part = this.parts.find((each) => address >= each.address && address < each.address + each.fileSize);
    return part && part.offset + (address - part.address);
  }
}

function bytesAt(fd: number, offset: number, length: number): Buffer | undefined {
  if (!Number.isSafeInteger(offset) || length < 0 || length > MAX_TABLE_BYTES) return undefined;
  const bytes = Buffer.alloc(length);
  return readSync(fd, bytes, 0, length, offset) === length ? bytes : undefined;
}

/** `count` entries of `size` bytes; `undefined` when they are smaller than known or not there. */
function table(fd: number, offset: bigint, size: number, count: number, least: number): Buffer[] | undefined {
  if (count === 0) return [];
  if (size < least || count > MAX_HEADERS) return undefined;
  const bytes = bytesAt(fd, Number(offset), size * count);
  return bytes && Array.from({ length: count }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
}

function textAt(bytes: Buffer | undefined, at: number): string {
  if (bytes === undefined) return '';
  const end = bytes.indexOf(0, at);
  return bytes.toString('latin1', at, end < 0 ? bytes.length : end);
}

/** Where the name stands in a string table; linkers let a name share the end of a longer one. */
function placesOf(text: Buffer, name: string): number[] {
  const places: number[] = [];
  const wanted = Buffer.from(`${name}\0`, 'latin1');
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) places.push(at);
  return places;
}
