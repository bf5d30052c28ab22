import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Cursor } from '../base/cursor';
import type { Transport } from '../event/event-block';
import { BUILT_IN_PARSERS, ParserSet } from './parser-set';
import type { ProtocolParser } from './protocol-parser';
import { PARSERS } from './registry';
import { mutate, SAMPLES } from './test-samples';

/** Bytes of a conversation with some of them changed, cut or doubled. */
const mutated = fc
  .tuple(
    fc.constantFrom(...SAMPLES),
    fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 6 }),
    fc.nat(),
    fc.constantFrom(...SAMPLES),
  )
  .map((parts) => mutate(...parts));

/** Who does not say `no`, and what instead. */
function verdicts(parsers: readonly ProtocolParser[], transport: Transport, bytes: Uint8Array, cut: boolean) {
  const said: string[] = [];
  for (const fromClient of [undefined, true, false]) {
    for (const parser of parsers) {
      if (!parser.transports.includes(transport)) continue;
      const context = fromClient === undefined ? { transport } : { transport, fromClient };
      const verdict = parser.infer(new Cursor().reset(bytes, 0, bytes.length, cut), context);
      if (verdict !== 'no') said.push(`${fromClient} ${parser.protocol} ${verdict}`);
    }
  }
  return said;
}

function sameAsAll(bytes: Uint8Array, cut: boolean): void {
  for (const transport of ['tcp', 'udp'] as const) {
    const asked = BUILT_IN_PARSERS.candidates(transport, new Cursor().reset(bytes, 0, bytes.length, cut));
    expect(verdicts(asked, transport, bytes, cut)).toEqual(verdicts(PARSERS, transport, bytes, cut));
  }
}

it('leaves out nobody who would not say no', () => {
  for (const sample of SAMPLES) {
    for (const cut of [false, true]) {
      sameAsAll(sample, cut);
      for (let at = 1; at < sample.length; at += 1) sameAsAll(sample.subarray(at), cut);
    }
  }
  const bytes = fc.oneof(mutated, fc.uint8Array({ minLength: 1, maxLength: 80 }));
  fc.assert(
    fc.property(bytes, fc.boolean(), (data, cut) => {
      if (data.length > 0) sameAsAll(data, cut);
    }),
    { numRuns: 5000, seed: 1 },
  );
});

const bytesOf = (...bytes: number[]) => new Cursor().reset(Uint8Array.from(bytes), 0, bytes.length, false);

it('leaves out most for most bytes, in the order of the registry', () => {
  let asked = 0;
  for (let first = 0; first < 256; first += 1) {
    const candidates = BUILT_IN_PARSERS.candidates('tcp', bytesOf(first, first ^ 0x5a));
    asked += candidates.length;
    expect(PARSERS.filter((parser) => candidates.includes(parser))).toEqual(candidates);
  }
  expect(asked / 256).toBeLessThan(PARSERS.length / 2);
});

it("asks a user's own parsers first and always", () => {
  const own: ProtocolParser = {
    protocol: 'own',
    transports: ['tcp'],
    pairing: 'order',
    infer: () => 'no',
    open: () => ({ parse: () => 'invalid', resume: () => undefined }),
  };
  const set = new ParserSet([own]);
  for (const start of [bytesOf(0x47), bytesOf(0x47, 0x45), bytesOf(0, 0)]) {
    expect(set.candidates('tcp', start)).toEqual([own, ...BUILT_IN_PARSERS.candidates('tcp', start)]);
    expect(set.candidates('udp', start)).toEqual(BUILT_IN_PARSERS.candidates('udp', start));
  }
});
