import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** Throws an `Error` when the text is no `name=value`. */
export function parseLabel(label: string): readonly [name: string, value: string] {
  const [, name, value] = /^([^=\s]+)=(.*)$/s.exec(label) ?? [];
  if (name === undefined || value === undefined) throw new Error('It takes name=value, e.g. stage=production.');
  return [name, value];
}

/** A YAML file that maps names to texts, numbers or booleans. Throws an `Error` that says what is wrong with it. */
export function readLabels(path: string): Record<string, string> {
  const content: unknown = parse(readFileSync(path, 'utf8'));
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new Error('it is no map of names to values');
  }
  return Object.fromEntries(
    Object.entries(content).map(([name, value]) => {
      if (!['string', 'number', 'boolean'].includes(typeof value)) throw new Error(`the value of ${name} is no text`);
      return [name, String(value)];
    }),
  );
}
