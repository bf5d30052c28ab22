// Makes new inputs of old ones: small changes, pieces of other inputs, and the constants that the program knows.

/** xorshift32: the same seed gives the same run. */
export function randomFrom(seed) {
  let state = seed >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const INTERESTING = [
  0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 63, 64, 100, 127, 128, 255, 256, 512, 1000, 1024, 4096, 32767,
].concat([32768, 65534, 65535, 65536, 16777215, 16777216, 2147483647, 2147483648, 4294967294, 4294967295]);

/** Constants of a program as the bytes that it may look for. */
export function dictionaryOf(constants) {
  const words = [];
  for (const constant of constants) {
    if (typeof constant === 'string') {
      const bytes = Buffer.from(constant, 'latin1');
      if (bytes.length > 0) words.push(bytes);
    } else if (Number.isInteger(constant) && constant >= 0 && constant <= 0xffffffff) {
      const size = constant <= 0xff ? 1 : constant <= 0xffff ? 2 : 4;
      const big = Buffer.alloc(size);
      big.writeUIntBE(constant, 0, size);
      words.push(big);
      if (size > 1) words.push(Buffer.from(big).reverse());
    }
  }
  return words;
}

export class Mutator {
  /** Where inputs are made. */
  constructor(random, dictionary, maxBytes) {
    this.random = random;
    this.dictionary = dictionary;
    this.maxBytes = maxBytes;
    this.buffer = new Uint8Array(maxBytes);
    this.length = 0;
  }

  /** A new input of `base`, with pieces of `other`. */
  make(base, other) {
    const { random } = this;
    this.length = Math.min(base.length, this.maxBytes);
    this.buffer.set(base.subarray(0, this.length));
    const steps = 1 << random(5);
    for (let i = 0; i < steps; i += 1) this.step(other);
    return this.buffer.slice(0, this.length);
  }

  step(other) {
    const { random, buffer, length } = this;
    if (length === 0) {
      this.insert(0, other.subarray(0, 1 + random(Math.max(1, other.length))));
      return;
    }
    const at = random(length);
    switch (random(14)) {
      case 0:
        buffer[at] ^= 1 << random(8);
        break;
      case 1:
        buffer[at] = random(256);
        break;
      case 2:
        buffer[at] += random(33) - 16;
        break;
      case 3:
        this.number(at, INTERESTING[random(INTERESTING.length)]);
        break;
      case 4:
        // A length that agrees with what follows, or nearly.
        this.number(at, Math.max(0, length - at - random(9)));
        break;
      case 5:
        this.number(at, random(300));
        break;
      case 6:
        this.remove(at, 1 + random(Math.min(16, length)));
        break;
      case 7:
        this.remove(at, 1 + random(length));
        break;
      case 8:
        this.insert(
          at,
          Uint8Array.from({ length: 1 + random(8) }, () => random(256)),
        );
        break;
      case 9: {
        const from = random(length);
        this.insert(at, buffer.slice(from, from + 1 + random(Math.min(64, length - from))));
        break;
      }
      case 10:
      case 11: {
        const word = this.dictionary[random(Math.max(1, this.dictionary.length))];
        if (word === undefined) break;
        if (random(2) === 0) this.insert(at, word);
        else this.write(at, word);
        break;
      }
      case 12: {
        if (other.length === 0) break;
        const from = random(other.length);
        const piece = other.subarray(from, from + 1 + random(other.length - from));
        if (random(2) === 0) this.insert(at, piece);
        else this.write(at, piece);
        break;
      }
      default: {
        // The head of the one, the tail of the other.
        const tail = other.subarray(random(other.length + 1));
        this.length = at;
        this.insert(at, tail);
      }
    }
  }

  number(at, value) {
    const size = [1, 2, 3, 4][this.random(4)];
    const little = this.random(2) === 0;
    for (let i = 0; i < size && at + i < this.length; i += 1) {
      const shift = 8 * (little ? i : size - 1 - i);
      this.buffer[at + i] = Math.floor(value / 2 ** shift) & 0xff;
    }
  }

  write(at, bytes) {
    this.buffer.set(bytes.subarray(0, this.length - at), at);
  }

  insert(at, bytes) {
    const count = Math.min(bytes.length, this.maxBytes - this.length);
    this.buffer.copyWithin(at + count, at, this.length);
    this.buffer.set(bytes.subarray(0, count), at);
    this.length += count;
  }

  remove(at, count) {
    const to = Math.min(this.length, at + count);
    this.buffer.copyWithin(at, to, this.length);
    this.length -= to - at;
  }
}
