import type { AttributeMap, AttributeValue } from './reported-span';

/** Attributes kept of a span, and characters of a value: what a page can show, whatever a program reports. */
export const MAX_KEPT_ATTRIBUTES = 64;
export const MAX_KEPT_CHARACTERS = 1024;

/** An attribute as a span keeps it: lists and maps are JSON text. */
export type KeptAttribute = string | number | boolean;
export type KeptAttributes = Readonly<Record<string, KeptAttribute>>;

/** The first of the attributes that is there, as text; names of several versions of a convention, newest first. */
export function textOf(attributes: AttributeMap, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = attributes[name];
    const single = Array.isArray(value) ? value[0] : value;
    if (typeof single === 'string' && single !== '') return single;
    if (typeof single === 'number' || typeof single === 'bigint') return String(single);
  }
  return undefined;
}

/** The first of the attributes that is a whole number, written as a number or in digits. */
export function integerOf(attributes: AttributeMap, ...names: readonly string[]): number | undefined {
  const text = textOf(attributes, ...names);
  if (text === undefined || !/^-?[0-9]{1,15}$/.test(text)) return undefined;
  return Number(text);
}

export function keptAttributes(attributes: AttributeMap): KeptAttributes {
  const kept: Record<string, KeptAttribute> = {};
  for (const [name, value] of Object.entries(attributes).slice(0, MAX_KEPT_ATTRIBUTES)) {
    // A plain assignment to this name would change the prototype instead.
    if (value !== null && name !== '__proto__') kept[name.slice(0, MAX_KEPT_CHARACTERS)] = keptValue(value);
  }
  return kept;
}

function keptValue(value: Exclude<AttributeValue, null>): KeptAttribute {
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'boolean') return value;
  if (typeof value === 'object') return JSON.stringify(value, bigintAsText).slice(0, MAX_KEPT_CHARACTERS);
  return String(value).slice(0, MAX_KEPT_CHARACTERS);
}

const bigintAsText = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);
