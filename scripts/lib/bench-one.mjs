// Runs one bench file and writes its rows. A bench file's default export is an async function that returns
// [{ name, value, unit, target?, atMost?, note? }].
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './run.mjs';

const [file, output] = process.argv.slice(2);
const { default: bench } = await import(pathToFileURL(join(ROOT, file)).href);
await writeFile(output, JSON.stringify(await bench()));
