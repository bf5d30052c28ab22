/**
 * The Huffman code of header strings: RFC 7541, section 5.2 and appendix B. The code is canonical: symbols with codes of
 * one length follow each other in order of their value, so the lengths alone tell it.
 */
const SYMBOLS_BY_LENGTH: Readonly<Record<number, readonly number[]>> = {
  5: text('012aceiost'),
  6: text(' %-./3456789=A_bdfghlmnpru'),
  7: text(':BCDEFGHIJKLMNOPQRSTUVWYjkqvwxyz'),
  8: text('&*,;XZ'),
  10: text('!"()?'),
  11: text("'+|"),
  12: text('#>'),
  13: [0, ...text('$@[]~')],
  14: text('^}'),
  15: text('<`{'),
  19: [92, 195, 208],
  20: [128, 130, 131, 162, 184, 194, 224, 226],
  21: [153, 161, 167, 172, 176, 177, 179, 209, 216, 217, 227, 229, 230],
  22: [
    129, 132, 133, 134, 136, 146, 154, 156, 160, 163, 164, 169, 170, 173, 178, 181, 185, 186, 187, 189, 190, 196, 198,
    228, 232, 233,
  ],
  23: [
    1, 135, 137, 138, 139, 140, 141, 143, 147, 149, 150, 151, 152, 155, 157, 158, 165, 166, 168, 174, 175, 180, 182,
    183, 188, 191, 197, 231, 239,
  ],
  24: [9, 142, 144, 145, 148, 159, 171, 206, 215, 225, 236, 237],
  25: [199, 207, 234, 235],
  26: [192, 193, 200, 201, 202, 205, 210, 213, 218, 219, 238, 240, 242, 243, 255],
  27: [203, 204, 211, 212, 214, 221, 222, 223, 241, 244, 245, 246, 247, 248, 250, 251, 252, 253, 254],
  28: [2, 3, 4, 5, 6, 7, 8, 11, 12, 14, 15, 16, 17, 18, 19, 20, 21, 23, 24, 25, 26, 27, 28, 29, 30, 31, 127, 220, 249],
  30: [10, 13, 22, 256],
};
const END_OF_STRING = 256;
/** Length of each symbol's code in bits. */
export const HUFFMAN_BITS: Readonly<Uint8Array> = new Uint8Array(END_OF_STRING + 1);
for (const [bits, symbols] of Object.entries(SYMBOLS_BY_LENGTH)) {
  for (const symbol of symbols) (HUFFMAN_BITS as Uint8Array)[symbol] = Number(bits);
}
const LONGEST = 30;
/** Padding is shorter than a byte, and the beginning of the end-of-string code, which is all ones. */
const MAX_PADDING_BITS = 7;

function text(characters: string): number[] {
  return Array.from(characters, (character) => character.charCodeAt(0));
}

/** The code as a tree: two children for each of its 256 inner nodes; a leaf is the complement of its symbol. */
function buildTree(): { children: Int16Array; accepting: Uint8Array } {
  const children = new Int16Array(512);
  let nodes = 1;
  let code = 0;
  for (let length = 1; length <= LONGEST; length += 1) {
    code *= 2;
    for (const symbol of SYMBOLS_BY_LENGTH[length] ?? []) {
      let node = 0;
      for (let bit = length - 1; bit > 0; bit -= 1) {
        const at = node * 2 + (Math.floor(code / 2 ** bit) & 1);
        if (children[at] === 0) {
          children[at] = nodes;
          nodes += 1;
        }
        node = children[at]!;
      }
      children[node * 2 + (code & 1)] = ~symbol;
      code += 1;
    }
  }
  const accepting = new Uint8Array(256);
  for (let node = 0, depth = 0; depth <= MAX_PADDING_BITS; depth += 1) {
    accepting[node] = 1;
    node = children[node * 2 + 1]!;
  }
  return { children, accepting };
}

const { children, accepting } = buildTree();

/** For each inner node and four bits: the node they lead to, and the symbol that they complete. No code is that short. */
const NOTHING = -1;
const INVALID = -2;
const next = new Uint8Array(256 * 16);
const completes = new Int16Array(256 * 16).fill(NOTHING);
for (let node = 0; node < 256; node += 1) {
  for (let bits = 0; bits < 16; bits += 1) {
    let at = node;
    for (let bit = 3; bit >= 0; bit -= 1) {
      const child = children[at * 2 + ((bits >> bit) & 1)]!;
      if (child >= 0) at = child;
      else {
        completes[node * 16 + bits] = ~child === END_OF_STRING ? INVALID : ~child;
        at = 0;
      }
    }
    next[node * 16 + bits] = at;
  }
}

/**
 * Decodes `bytes[start..end)` into `target`, as much as fits. Number of bytes written; −1 when it is no such code.
 */
export function decodeHuffman(bytes: Uint8Array, start: number, end: number, target: Uint8Array): number {
  let node = 0;
  let length = 0;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at]!;
    for (let shift = 4; shift >= 0; shift -= 4) {
      const step = node * 16 + ((byte >> shift) & 15);
      const symbol = completes[step]!;
      if (symbol >= 0) {
        if (length === target.length) return length;
        target[length] = symbol;
        length += 1;
      } else if (symbol === INVALID) return -1;
      node = next[step]!;
    }
  }
  return accepting[node] === 1 ? length : -1;
}
