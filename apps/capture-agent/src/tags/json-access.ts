/** Reading JSON that others wrote: what is not there, or not of the type, is `undefined`. */
export type Json = unknown;

export function member(value: Json, ...names: readonly string[]): Json {
  let at: Json = value;
  for (const name of names) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Record<string, Json>)[name];
  }
  return at;
}

export function text(value: Json, ...names: readonly string[]): string | undefined {
  const found = member(value, ...names);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

export function list(value: Json, ...names: readonly string[]): readonly Json[] {
  const found = member(value, ...names);
  return Array.isArray(found) ? found : [];
}

/** Without the members that have no value. */
export function known(attributes: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const entries = Object.entries(attributes);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined));
}
