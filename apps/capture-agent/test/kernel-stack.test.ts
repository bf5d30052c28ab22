import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../src/native/package-root';
import { stackOfPrograms } from './support/program-stack';

/** `MAX_BPF_STACK`. From Linux 6.13 on each function has that much for itself, so that a newer kernel does not notice. */
const STACK_BYTES = 512;

describe.each(['capture.bpf.o', 'capture-without-casts.bpf.o'])('the kernel programs in %s', (name) => {
  const object = join(packageRoot(), 'build', 'Release', name);

  it.skipIf(!existsSync(object))('take no more stack than kernels before 6.13 give to a chain of calls', () => {
    const stacks = stackOfPrograms(object);
    expect(stacks.get('on_sys_exit')).toBeGreaterThan(stacks.get('record_message')!);
    // Kernels that see calls at the sockets have casts.
    const loaded = [...stacks].filter(([program]) => name === 'capture.bpf.o' || !program.startsWith('on_sock_'));
    expect(loaded.filter(([, bytes]) => bytes > STACK_BYTES)).toEqual([]);
  });
});
