import { describe, expect, it } from 'vitest';
import type { Cursor } from '../base/cursor';
import { Scene, socket, thread } from '../event/test-scene';
import type { ProtocolParser, Unit } from './protocol-parser';

/** Lines: `?` asks, `!` answers. */
function lines(change: Partial<ProtocolParser> = {}, fill: (unit: Unit, line: string) => unknown = () => {}) {
  const parser: ProtocolParser = {
    protocol: 'lines',
    transports: ['tcp'],
    pairing: 'order',
    infer: (cursor) => (cursor.peek() === 0x3f ? 'request' : cursor.peek() === 0x21 ? 'response' : 'no'),
    open: () => ({
      parse(cursor: Cursor, _fromClient: boolean, unit: Unit) {
        const end = cursor.find(0x0a);
        if (end < 0) return 'more';
        const line = String.fromCharCode(...cursor.bytes.subarray(cursor.position, end));
        unit.whole(
          line.startsWith('?') ? 'request' : 'response',
          { resource: line.slice(1) },
          end + 1 - cursor.position,
        );
        return (fill(unit, line) ?? 'unit') as 'unit';
      },
      resume: () => {},
    }),
    ...change,
  };
  return parser;
}

const client = thread(1);
function replay(ownParsers: readonly ProtocolParser[]) {
  const scene = new Scene();
  for (const id of ['a', 'b']) {
    scene.read(socket(id), client, '?one\n').write(socket(id), client, '!1\n');
    scene.read(socket(id), client, '?two\n').write(socket(id), client, '!2\n');
  }
  scene.read(socket('web'), client, 'GET / HTTP/1.1\r\n\r\n').write(socket('web'), client, 'HTTP/1.1 204 No\r\n\r\n');
  const coverage = scene.run({ ownParsers });
  return { ...scene, coverage, said: scene.spans.map(({ protocol, resource }) => `${protocol} ${resource}`) };
}

describe("a user's own parser", () => {
  it('is asked first and makes spans like any other', () => {
    const { said, coverage } = replay([lines()]);
    expect(said).toEqual(['lines one', 'lines two', 'lines one', 'lines two', 'http /']);
    expect(coverage).toMatchObject({ unknownSockets: 0, parserErrors: 0 });
    expect(replay([]).said).toEqual(['http /']);
  });

  it('that throws while it recognises lets the others be asked', () => {
    const infer = () => {
      throw new RangeError('oh');
    };
    const { said, parserErrors, coverage } = replay([lines({ infer })]);
    expect(said).toEqual(['http /']);
    expect(coverage.parserErrors).toBe(parserErrors.length);
    expect(parserErrors.length).toBeGreaterThan(0);
    expect(new Set(parserErrors)).toEqual(new Set(['lines: oh']));
  });

  it.each<[string, ProtocolParser, string]>([
    ['throws', lines({}, (_unit, line) => (line === '?two' ? oh() : undefined)), 'oh'],
    ['answers nonsense', lines({}, (_unit, line) => (line === '?two' ? 'yes' : undefined)), 'parse answered yes'],
    [
      'claims no bytes',
      lines({}, (unit) => void Object.assign(unit, { length: 0 })),
      'unit.length is 0, not a whole number from 1 on',
    ],
    [
      'claims half bytes',
      lines({}, (unit) => void Object.assign(unit, { length: 4.5 })),
      'unit.length is 4.5, not a whole number from 1 on',
    ],
    [
      'gives a field of another type',
      lines({}, (unit) => void Object.assign(unit.fields, { method: 5 })),
      'unit.fields.method is a number, not a string',
    ],
    [
      'gives trace ids that are no list',
      lines({}, (unit) => void Object.assign(unit.fields, { traceIds: 'x' })),
      'unit.fields.traceIds is not a list of strings',
    ],
    ['cannot open a connection', lines({ open: oh }), 'oh'],
    ['cannot go on after a loss', lines({ open: () => ({ parse: () => 'invalid', resume: oh }) }), 'oh'],
  ])('that %s leaves only its own connections', (_what, parser, message) => {
    const { said, parserErrors, coverage } = replay([parser]);
    expect(said.at(-1)).toBe('http /');
    expect(said.filter((line) => line === 'lines two')).toEqual([]);
    expect(parserErrors).toEqual([`lines: ${message}`, `lines: ${message}`]);
    expect(coverage.parserErrors).toBe(2);
  });
});

function oh(): never {
  throw new Error('oh');
}
