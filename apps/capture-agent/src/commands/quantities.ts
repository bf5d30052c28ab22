import { InvalidArgumentError } from 'commander';

const SECONDS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600 };
const BYTES: Readonly<Record<string, number>> = { b: 1, kb: 1e3, mb: 1e6, gb: 1e9 };

/** A number and its unit, multiplied out; `undefined` when the text is no such thing, or not above zero. */
function quantity(text: string, units: Readonly<Record<string, number>>, fallback: string): number | undefined {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
  const factor = units[unit === '' ? fallback : unit.toLowerCase()];
  const value = Number(digits) * (factor ?? Number.NaN);
  return digits !== '' && value > 0 ? value : undefined;
}

/** `5m`, `30s`, `500ms`, `1.5h`, or a bare number of seconds. Throws `InvalidArgumentError`. */
export function durationSeconds(text: string): number {
  const value = quantity(text, SECONDS, 's');
  if (value === undefined) throw new InvalidArgumentError('It takes a time such as 500ms, 30s, 5m or 1h.');
  return value;
}

/** `512MB`, `64kB`, `1.5GB`, or a bare number of bytes; units are powers of ten. Throws `InvalidArgumentError`. */
export function byteCount(text: string): number {
  const value = quantity(text, BYTES, 'b');
  if (value === undefined) throw new InvalidArgumentError('It takes a size such as 64kB, 100MB or 2GB.');
  return Math.round(value);
}

/** A whole number in a range. The parser throws `InvalidArgumentError`. */
export function integer(lowest: number, highest: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < lowest || value > highest) {
      throw new InvalidArgumentError(`It takes a whole number from ${lowest} to ${highest}.`);
    }
    return value;
  };
}
