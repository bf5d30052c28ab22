import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_NAMES } from './name-set';
import { type OpenValues, Redactor } from './redactor';

const INGRESS = 1;
const redactor = new Redactor({ names: [...DEFAULT_NAMES, 'X-My-Secret'], literals: false });
const thorough = new Redactor({ names: DEFAULT_NAMES, literals: true });

function redacted(text: string, by = redactor): string {
  const bytes = Buffer.from(text, 'latin1');
  by.apply(bytes, 0, bytes.length, {}, INGRESS, 0);
  return bytes.toString('latin1');
}

/** The same bytes, in calls of these sizes. */
function inPieces(text: string, sizes: readonly number[]): string {
  const bytes = Buffer.from(text, 'latin1');
  const socket: OpenValues = {};
  let at = 0;
  for (let i = 0; at < bytes.length; i += 1) {
    const end = Math.min(bytes.length, at + (sizes[i % sizes.length] ?? 1));
    redactor.apply(bytes, at, end, socket, INGRESS, 0);
    at = end;
  }
  return bytes.toString('latin1');
}

describe('what is masked', () => {
  it.each([
    [
      'a header',
      'GET / HTTP/1.1\r\nAuthorization: Bearer abc\r\nHost: x\r\n\r\n',
      'GET / HTTP/1.1\r\nAuthorization: **********\r\nHost: x\r\n\r\n',
    ],
    ['in any case', 'a: b\r\ncOOKIE:k=v; l=w\r\n', 'a: b\r\ncOOKIE:********\r\n'],
    ['a name of the user', 'a: b\r\nx-my-secret: 1234\r\n', 'a: b\r\nx-my-secret: ****\r\n'],
    ['a query parameter', 'GET /a?x=1&token=abc&y=2 HTTP/1.1\r\n', 'GET /a?x=1&token=***&y=2 HTTP/1.1\r\n'],
    ['a form field', 'user=ann&password=s3cret', 'user=ann&password=******'],
    ['a JSON string', '{"user":"ann","password": "a\\"b,c","n":1}', '{"user":"ann","password": "******","n":1}'],
    ['a JSON number', '{"pwd":12345,"n":1}', '{"pwd":*****,"n":1}'],
    ['a connection string', 'host=db password=abc user=ann', 'host=db password=*** user=ann'],
    ['a Redis login', '*2\r\n$4\r\nAUTH\r\n$3\r\nabc\r\n', '*2\r\n$4\r\nAUTH\r\n$3\r\n***\r\n'],
    [
      'a Redis greeting',
      '*5\r\n$5\r\nHELLO\r\n$1\r\n3\r\n$4\r\nauth\r\n$3\r\nann\r\n$3\r\nabc\r\n*1\r\n$4\r\nPING\r\n',
      '*5\r\n$5\r\nHELLO\r\n$1\r\n3\r\n$4\r\nauth\r\n$3\r\n***\r\n$3\r\n***\r\n*1\r\n$4\r\nPING\r\n',
    ],
    ['a PostgreSQL password', 'p\0\0\0\x08abc\0', 'p\0\0\0\x08***\0'],
  ])('%s', (_title, text, expected) => {
    expect(redacted(text)).toBe(expected);
  });

  it.each([
    ['a name within a name', 'mytoken=abc'],
    ['a header of another name', 'X-Request-ID: abc\r\ntraceparent: 00-1-2-01\r\n'],
    ['the name without a value', 'GET /password HTTP/1.1\r\n'],
    ['a statement about it', 'SELECT token FROM sessions'],
    ['a Redis command', '*2\r\n$3\r\nGET\r\n$4\r\nAUTH\r\n'],
    ['bytes that are no password message', 'p\0\0\0\xffabc'],
  ])('not %s', (_title, text) => {
    expect(redacted(text)).toBe(text);
  });

  it.each([
    ['a query', "Q\0\0\0\x1bid=7 AND n='Ann''s' t2\0", "Q\0\0\0\x1bid=0 AND n='***''*' t2\0"],
    ['a query in two numbers', 'Q\0\0\0\x0dIN (12,a3)\0', 'Q\0\0\0\x0dIN (00,a3)\0'],
    ['a prepared one', 'P\0\0\0\x16stmt1\0x=42 AND $1\0', 'P\0\0\0\x16stmt1\0x=00 AND $1\0'],
    ['bound values', 'B\0\0\0\x14\0s\0\0\0\0\x01\0\0\0\x03abc\0\0', 'B\0\0\0\x14\0s\0\0\0\0\x01\0\0\0\x03***\0\0'],
    ['a MySQL query', "\x08\0\0\0\x03a = 'x'", "\x08\0\0\0\x03a = '*'"],
    ['a Redis value', '*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$3\r\nabc\r\n', '*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$3\r\n***\r\n'],
  ])('literals when asked: %s', (_title, text, expected) => {
    expect(redacted(text, thorough)).toBe(expected);
    expect(redacted(text)).toBe(text);
  });

  it('a value that goes on in the next call', () => {
    const socket: OpenValues = {};
    const [first, second] = ['Cookie: abc', 'def\r\nHost: x\r\n'].map((part) => Buffer.from(part));
    redactor.apply(first!, 0, first!.length, socket, INGRESS, 0);
    redactor.apply(second!, 0, second!.length, socket, INGRESS, 0);
    expect(`${first}${second}`).toBe('Cookie: ******\r\nHost: x\r\n');
  });

  it.each([
    ['the rest of a value', 'def\r\nHost: x\r\n', '***\r\nHost: x\r\n'],
    ['a message', 'GET /a HTTP/1.1\r\nHost: x\r\n', 'GET /a HTTP/1.1\r\nHost: x\r\n'],
    ['what is no text', '\0\0\x07value=1', '\0\0\x07value=1'],
  ])('behind calls that were lost: %s', (_title, text, expected) => {
    const bytes = Buffer.from(text, 'latin1');
    redactor.apply(bytes, 0, bytes.length, {}, INGRESS, 0, true, 50);
    expect(bytes.toString('latin1')).toBe(expected);
  });

  it('a command line', () => {
    expect(redactor.text('psql --password abc -c x token=abc --name ann')).toBe(
      'psql --password *** -c x token=*** --name ann',
    );
  });
});

const name = fc.constantFrom(...DEFAULT_NAMES);
const secret = fc.stringMatching(/^[A-Z0-9]{6,40}$/);

it('hides a header wherever the bytes are cut within its value, and changes nothing else', () => {
  fc.assert(
    fc.property(name, secret, fc.nat(), (header, value, cut) => {
      const before = `GET / HTTP/1.1\r\nHost: x\r\n${header}: `;
      const text = `${before}${value}\r\nAccept: */*\r\n\r\n`;
      const sizes = [before.length + (cut % value.length), 7, 13];
      expect(inPieces(text, sizes)).toBe(text.replace(value, '*'.repeat(value.length)));
    }),
  );
});

it('never changes a length, never throws, and leaves bytes outside its range alone', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(50), fc.boolean(), (random, margin, literals) => {
      const bytes = new Uint8Array(margin + random.length + margin).fill(7);
      bytes.set(random, margin);
      const by = literals ? thorough : redactor;
      by.apply(bytes, margin, margin + random.length, {}, INGRESS, 0);
      expect(bytes.subarray(0, margin).every((byte) => byte === 7)).toBe(true);
      expect(bytes.subarray(margin + random.length).every((byte) => byte === 7)).toBe(true);
    }),
  );
});
