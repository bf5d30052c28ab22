import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { arch, hostname, release } from 'node:os';
import type { HostId } from '@causeway/core';

export interface HostFacts {
  readonly hostId: HostId;
  readonly hostName: string;
  readonly bootId: string;
  readonly kernel: string;
  readonly architecture: string;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

/** What the header says about this boot of this host. */
export function hostFacts(): HostFacts {
  const bootId = textOf('/proc/sys/kernel/random/boot_id');
  const machineId = textOf('/etc/machine-id') || hostname();
  const hash = createHash('sha256').update(`${machineId} ${bootId}`).digest('hex');
  return {
    hostId: hash.slice(0, 32) as HostId,
    // In a container the host's own name is not to be seen.
    hostName: process.env.CAUSEWAY_HOST_NAME || hostname(),
    bootId,
    kernel: release(),
    architecture: arch(),
  };
}
