#!/usr/bin/env node
// Runs the bundle of `npm run build`; in a checkout that is not built yet, the sources.
import { existsSync } from 'node:fs';

const bundle = new URL('../dist/causeway.mjs', import.meta.url);
if (existsSync(bundle)) {
  await import(bundle.href);
} else {
  const { register } = await import('tsx/esm/api');
  register();
  await import(new URL('../src/main.ts', import.meta.url).href);
}
