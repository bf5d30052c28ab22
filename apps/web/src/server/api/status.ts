import { existsSync } from 'node:fs';
import type { Status } from '../../api/contract';
import type { Route } from '../http/router';
import type { Services } from './services';

export function statusRoutes({ version, databaseKind }: Services): readonly Route[] {
  return [
    {
      method: 'GET',
      pattern: '/api/status',
      async handle(): Promise<Status> {
        return { version, database: databaseKind, recording: recordingPossible() };
      },
    },
  ];
}

/** The obvious obstacles; `causeway doctor` looks closer. */
function recordingPossible(): Status['recording'] {
  if (process.platform !== 'linux')
    return { possible: false, reason: 'Recording needs Linux; captures can be opened here all the same.' };
  if (process.arch !== 'x64')
    return { possible: false, reason: 'Recording needs an x86-64 machine; captures can be opened here all the same.' };
  if (!existsSync('/sys/kernel/btf/vmlinux')) {
    return {
      possible: false,
      reason:
        'This kernel has no BTF (/sys/kernel/btf/vmlinux), which recording needs; "npx causeway doctor" says more.',
    };
  }
  if (process.getuid?.() !== 0) {
    return {
      possible: false,
      reason: 'Recording needs root: run "sudo npx causeway record"; "npx causeway doctor" says more.',
    };
  }
  return { possible: true };
}
