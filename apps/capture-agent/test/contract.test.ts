import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Direction, EventFlag, EventKind, SyscallAbi } from '@causeway/core';
import { afterAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../src/native/package-root';
import { COMM_BYTES, MAX_PAYLOAD_LIMIT, RAW_EVENT_BYTES, RawEvent } from '../src/record/raw-event';
import { scratchFolder } from './support/recorded';

const hasCompiler = spawnSync('cc', ['--version']).status === 0;
const HEADER = join(packageRoot(), '..', '..', 'bpf', 'capture_event.h');

const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const upper = (prefix: string, name: string) => `${prefix}_${snake(name).toUpperCase()}`;

/** Our value of each C expression. */
const EXPECTED: Readonly<Record<string, number>> = {
  'sizeof(struct capture_event)': RAW_EVENT_BYTES,
  CAPTURE_MAX_PAYLOAD: MAX_PAYLOAD_LIMIT,
  CAPTURE_COMM_LENGTH: COMM_BYTES,
  CAPTURE_FLAG_TCP_SEQ: EventFlag.tcpSeq,
  CAPTURE_FLAG_PEEK: EventFlag.peek,
  CAPTURE_FLAG_TLS: EventFlag.tls,
  ...named(Object.entries(RawEvent), (name) => `offsetof(struct capture_event, ${snake(name)})`),
  ...named(Object.entries(EventKind), (name) => upper('CAPTURE', name)),
  ...named(
    Object.entries(SyscallAbi).filter(([name]) => name !== 'none'),
    (name) => upper('CAPTURE', name),
  ),
  ...named(
    Object.entries(Direction).filter(([name]) => name !== 'none'),
    (name) => upper('CAPTURE', name),
  ),
};

function named(entries: readonly (readonly [string, number])[], expression: (name: string) => string) {
  return Object.fromEntries(entries.map(([name, value]) => [expression(name), value]));
}

describe.skipIf(!hasCompiler)('bpf/capture_event.h (needs a C compiler)', () => {
  const folder = scratchFolder();
  afterAll(() => folder.remove());

  it('is what the agent reads by, number for number', () => {
    const source = join(folder.path, 'contract.c');
    const program = join(folder.path, 'contract');
    const prints = Object.keys(EXPECTED).map((text) => `printf("%s=%lld\\n", "${text}", (long long)(${text}));`);
    writeFileSync(
      source,
      `#include <stdint.h>\n#include <stddef.h>\n#include <stdio.h>\n#include "${HEADER}"\nint main(void) {\n${prints.join('\n')}\n}\n`,
    );
    expect(spawnSync('cc', [source, '-o', program], { encoding: 'utf8' }).stderr).toBe('');
    const lines = spawnSync(program, [], { encoding: 'utf8' }).stdout.trim().split('\n');
    const found = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.lastIndexOf('=')), Number(line.split('=').at(-1))]),
    );
    expect(found).toEqual(EXPECTED);
  });
});
