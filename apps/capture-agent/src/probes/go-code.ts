/**
 * Facts that are read from the machine code of Go's runtime, as Go's compiler writes it for amd64. Versions differ in where
 * things stand, hardly in how they are reached; and what is read so holds for the program at hand, whatever it says of its
 * version. Code that looks otherwise yields `undefined`, never a guess.
 */

/**
 * Where `goid` stands in `runtime.g`, from `runtime.newproc1`, which sets it to the id that its processor has ready, and
 * counts that on:
 *
 *   mov  cache(%p), %id        48 8b …
 *   mov  slot(%rsp), %g        48 8b … 24 slot (in Go 1.22 and 1.23)
 *   mov  %id, goid(%g)         48 89 …
 *   …
 *   incq cache(%p)             48 ff …
 */
export function goroutineIdAt(newproc: Buffer): number | undefined {
  const counted = new Set<number>();
  for (let at = 0; at + LONG_MOVE <= newproc.length; at += 1) {
    const access = accessAt(newproc, at);
    if (access?.opcode === 0xff && access.register === 0) counted.add(access.place);
  }
  const found = new Set<number>();
  for (let at = 0; at + LONG_MOVE + STACK_LOAD + LONG_MOVE <= newproc.length; at += 1) {
    const load = accessAt(newproc, at);
    if (load?.opcode !== 0x8b || !counted.has(load.place)) continue;
    const next = at + LONG_MOVE;
    const store = accessAt(newproc, isStackLoad(newproc, next) ? next + STACK_LOAD : next);
    if (store?.opcode === 0x89 && store.register === load.register) found.add(store.place);
  }
  return found.size === 1 ? [...found][0] : undefined;
}

/**
 * Whether `runtime.newproc1` gets the goroutine that starts another one in BX: what it keeps of BX on its stack is what it
 * hands to `runtime.saveAncestors(callergp *g)`, in AX. `toSaveAncestors`: how far that function is from this one.
 *
 *   mov  %rbx, slot(%rsp)      48 89 5c 24 slot
 *   …
 *   mov  slot(%rsp), %rax      48 8b 44 24 slot
 *   …                          (nothing else from the stack into %rax)
 *   call runtime.saveAncestors e8 …
 */
export function getsCreatorInBx(newproc: Buffer, toSaveAncestors: number): boolean {
  for (let call = 0; call + 5 <= newproc.length; call += 1) {
    if (newproc[call] !== 0xe8 || call + 5 + newproc.readInt32LE(call + 1) !== toSaveAncestors) continue;
    const load = newproc.subarray(0, call).lastIndexOf(LOAD_AX_FROM_STACK);
    const store = newproc.indexOf(KEEP_BX_ON_STACK);
    return load >= 0 && store >= 0 && store < load && newproc[load + 4] === newproc[store + 4];
  }
  return false;
}

/**
 * Where a thread keeps its `runtime.g`, from its thread pointer on, as `gogo` sets it: mostly the eight bytes below, further
 * down when C code of the program has variables for each thread.
 *
 *   mov %rdx, %fs:place        64 48 89 14 25 place
 * or, in position-independent programs,
 *   mov $place, %rcx           48 c7 c1 place
 *   mov %rdx, %fs:(%rcx)       64 48 89 11
 */
export function threadPlaceOf(gogo: Buffer): number | undefined {
  const direct = gogo.indexOf(SET_G);
  if (direct >= 0 && direct + SET_G.length + 4 <= gogo.length) return gogo.readInt32LE(direct + SET_G.length);
  const byRegister = gogo.indexOf(SET_G_BY_CX);
  if (byRegister < 7 || !gogo.subarray(byRegister - 7, byRegister - 4).equals(PLACE_INTO_CX)) return undefined;
  return gogo.readInt32LE(byRegister - 4);
}

/**
 * Offsets of a function's returns: a `ret` behind what takes the frame off the stack, `add $n, %rsp`, and from Go 1.21 on
 * `pop %rbp`. Bytes in the middle of another instruction do not look like all of that.
 */
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

const LOAD_AX_FROM_STACK = Buffer.from([0x48, 0x8b, 0x44, 0x24]);
const KEEP_BX_ON_STACK = Buffer.from([0x48, 0x89, 0x5c, 0x24]);
const SET_G = Buffer.from([0x64, 0x48, 0x89, 0x14, 0x25]);
const SET_G_BY_CX = Buffer.from([0x64, 0x48, 0x89, 0x11]);
const PLACE_INTO_CX = Buffer.from([0x48, 0xc7, 0xc1]);

/** A move of eight bytes from or to a place that is 128 or more from its base: prefix, opcode, ModRM, four bytes of place. */
const LONG_MOVE = 7;

/** A load from the stack, at less than 128 from its pointer. */
const STACK_LOAD = 5;

function isStackLoad(code: Buffer, at: number): boolean {
  const [prefix = 0, opcode, modes = 0, base] = code.subarray(at, at + 4);
  return (prefix & 0xfb) === 0x48 && opcode === 0x8b && (modes & 0xc7) === 0x44 && base === 0x24;
}

interface Access {
  readonly opcode: number;
  /** The register that is loaded or stored; of `ff`, what is done: 0 = inc. */
  readonly register: number;
  readonly place: number;
}

/** The instruction `opcode register, place(base)` of 64 bits at this offset, if it is one with a place of four bytes. */
function accessAt(code: Buffer, at: number): Access | undefined {
  const prefix = code[at]!;
  const modes = code[at + 2]!;
  // REX.W, with R and B free; mod 2; a base of 4 would have another byte behind.
  if ((prefix & 0xfa) !== 0x48 || modes >> 6 !== 2 || (modes & 7) === 4) return undefined;
  const register = ((modes >> 3) & 7) + ((prefix & 4) << 1);
  return { opcode: code[at + 1]!, register, place: code.readInt32LE(at + 3) };
}
