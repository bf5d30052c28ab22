import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where the agent keeps what must outlive it: `/var/lib/causeway` for root, the user's state folder for others. */
export function stateFolder(name: string): string {
  const state = process.getuid?.() === 0 ? '/var/lib' : (process.env.XDG_STATE_HOME ?? join(homedir(), '.local/state'));
  return join(state, 'causeway', name);
}
