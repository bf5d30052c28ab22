import { isIPv4, isIPv6 } from 'node:net';

/** Which packets are taken: TCP and UDP, and of these the ones with such a port or address at either end; empty = any. */
export interface PacketFilterOptions {
  readonly ports: readonly number[];
  /** IP addresses in text. */
  readonly hosts: readonly string[];
  /** Bytes kept of a packet, from its IP header on. */
  readonly keep: number;
}

/** The kernel's limit (BPF_MAXINSNS), and a port takes four instructions for each IP version. */
export const MAX_FILTER_PORTS = 300;
const MAX_INSTRUCTIONS = 4096;

/** `linux/bpf_common.h`: class, size, mode, operation and source of an operand, added up. */
const Code = {
  loadWord: 0x20,
  loadHalf: 0x28,
  loadByte: 0x30,
  loadHalfIndexed: 0x48,
  /** X = 4 × the low half of a byte: the length of an IPv4 header. */
  loadHeaderLength: 0xb1,
  shiftRight: 0x74,
  jump: 0x05,
  jumpEqual: 0x15,
  jumpSet: 0x45,
  return: 0x06,
} as const;

const TCP = 6;
const UDP = 17;
const IPV6_FRAGMENT = 44;

interface Instruction {
  readonly code: number;
  readonly k: number;
  readonly jt: number;
  readonly jf: number;
  /** Where an unconditional jump goes. */
  readonly to?: string;
}

/** Puts a classic BPF program together. Conditional jumps reach 255 instructions, so each only passes over the next few. */
class Assembler {
  private readonly instructions: Instruction[] = [];
  private readonly labels = new Map<string, number>();

  load(code: number, k: number): void {
    this.instructions.push({ code, k, jt: 0, jf: 0 });
  }

  label(name: string): void {
    this.labels.set(name, this.instructions.length);
  }

  jump(to: string): void {
    this.instructions.push({ code: Code.jump, k: 0, jt: 0, jf: 0, to });
  }

  jumpIfEqual(k: number, to: string): void {
    this.instructions.push({ code: Code.jumpEqual, k, jt: 0, jf: 1 });
    this.jump(to);
  }

  jumpIfSet(k: number, to: string): void {
    this.instructions.push({ code: Code.jumpSet, k, jt: 0, jf: 1 });
    this.jump(to);
  }

  /** All of the words from `at` on are these. */
  jumpIfWords(at: number, words: readonly number[], to: string): void {
    for (const [index, word] of words.entries()) {
      this.load(Code.loadWord, at + 4 * index);
      this.instructions.push({ code: Code.jumpEqual, k: word, jt: 0, jf: 2 * (words.length - 1 - index) + 1 });
    }
    this.jump(to);
  }

  return(bytes: number): void {
    this.instructions.push({ code: Code.return, k: bytes, jt: 0, jf: 0 });
  }

  /** `struct sock_filter`: code u16, jt u8, jf u8, k u32. */
  bytes(): Uint8Array {
    const { instructions } = this;
    if (instructions.length > MAX_INSTRUCTIONS) throw new RangeError('the packet filter is too long for the kernel');
    const view = new DataView(new ArrayBuffer(8 * instructions.length));
    for (const [index, { code, k, jt, jf, to }] of instructions.entries()) {
      view.setUint16(8 * index, code, true);
      view.setUint8(8 * index + 2, jt);
      view.setUint8(8 * index + 3, jf);
      view.setUint32(8 * index + 4, to === undefined ? k : this.labels.get(to)! - index - 1, true);
    }
    return new Uint8Array(view.buffer);
  }
}

/** A classic BPF program over packets that begin with their IP header; it is run in the kernel. */
export function packetFilter({ ports, hosts, keep }: PacketFilterOptions): Uint8Array {
  const program = new Assembler();
  program.load(Code.loadByte, 0);
  program.load(Code.shiftRight, 4);
  program.jumpIfEqual(4, 'v4');
  program.jumpIfEqual(6, 'v6');
  program.return(0);

  program.label('v4');
  hostsOf(program, 'v4', hosts.filter(isIPv4).map(wordsOfV4), [12, 16], hosts.length > 0);
  program.load(Code.loadByte, 9);
  program.jumpIfEqual(TCP, 'v4 ports');
  program.jumpIfEqual(UDP, 'v4 ports');
  program.return(0);
  program.label('v4 ports');
  if (ports.length > 0) {
    // What follows a datagram's first fragment shows no ports.
    program.load(Code.loadHalf, 6);
    program.jumpIfSet(0x1fff, 'accept');
    program.load(Code.loadHeaderLength, 0);
    for (const at of [0, 2]) {
      program.load(Code.loadHalfIndexed, at);
      for (const port of ports) program.jumpIfEqual(port, 'accept');
    }
    program.return(0);
  } else {
    program.jump('accept');
  }

  program.label('v6');
  hostsOf(program, 'v6', hosts.filter(isIPv6).map(wordsOfV6), [8, 24], hosts.length > 0);
  program.load(Code.loadByte, 6);
  program.jumpIfEqual(TCP, 'v6 ports');
  program.jumpIfEqual(UDP, 'v6 ports');
  program.jumpIfEqual(IPV6_FRAGMENT, 'accept');
  program.return(0);
  program.label('v6 ports');
  if (ports.length > 0) {
    for (const at of [40, 42]) {
      program.load(Code.loadHalf, at);
      for (const port of ports) program.jumpIfEqual(port, 'accept');
    }
    program.return(0);
  }

  program.label('accept');
  program.return(keep);
  return program.bytes();
}

/** Goes on when either address is one of these, or any will do. */
function hostsOf(
  program: Assembler,
  version: string,
  hosts: readonly (readonly number[])[],
  places: readonly number[],
  filtered: boolean,
): void {
  if (!filtered) return;
  for (const host of hosts) for (const at of places) program.jumpIfWords(at, host, `${version} host`);
  program.return(0);
  program.label(`${version} host`);
}

function wordsOfV4(address: string): number[] {
  return [address.split('.').reduce((word, part) => word * 256 + Number(part), 0)];
}

function wordsOfV6(address: string): number[] {
  // The URL parser writes an address out in one form: hex groups, `::` for the longest run of zeros.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)));
  const [first, last] = [groups(head), groups(tail ?? '')];
  const all = [...first, ...new Array<number>(8 - first.length - last.length).fill(0), ...last];
  return [0, 2, 4, 6].map((at) => all[at]! * 65536 + all[at + 1]!);
}
