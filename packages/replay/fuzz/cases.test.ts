import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { targets as parserTargets } from '../../core/fuzz/parser-targets';
import { targets as fileTargets } from './file-targets';

/** Where `npm run fuzz` keeps what it finds: beside the targets. */
const PARSER_CASES = join(import.meta.dirname, '../../core/fuzz/cases');
const FILE_CASES = join(import.meta.dirname, 'cases');
const TARGETS = [
  ...parserTargets.map((target) => [target.name, join(PARSER_CASES, target.name), target] as const),
  ...fileTargets.map((target) => [target.name, join(FILE_CASES, target.name), target] as const),
];

describe.each(TARGETS)('fuzz target %s', (_name, folder, target) => {
  const found = existsSync(folder) ? readdirSync(folder) : [];

  it(`stands its seeds and the ${found.length} cases that were found`, () => {
    expect(target.seeds.length).toBeGreaterThan(0);
    for (const seed of target.seeds) expect(() => target.run(seed)).not.toThrow();
    for (const file of found) expect(() => target.run(readFileSync(join(folder, file))), file).not.toThrow();
  });
});
