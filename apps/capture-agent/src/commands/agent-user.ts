import { loadAddon } from '../native/native-addon';
import { accountOf, type TargetOptions } from './target-options';
import { UserError } from './user-error';

/**
 * What recording needs beyond the rights of an ordinary user, measured (docs/recording.md): loading and attaching the
 * programs takes the first two; finding running programs by their file's name takes the third.
 */
export function neededCapabilities({ comm }: Pick<TargetOptions, 'comm'>): readonly string[] {
  return ['bpf', 'perfmon', ...(comm.length > 0 ? ['sys_ptrace'] : [])];
}

/**
 * `--agent-user`: becomes this very command again, as that user and with the needed capabilities alone, before anything
 * is loaded or opened. Does not return; throws `UserError` when it is not possible. Nothing is done when we are that user.
 */
export function becomeAgentUser(options: TargetOptions, command: readonly string[]): void {
  const { agentUser: name } = options;
  if (name === undefined) return;
  if (command.length > 0) {
    throw new UserError('--agent-user is for programs that run already: the one after -- would get its rights.', 2);
  }
  const { uid, gid } = accountOf(name);
  if (uid === process.getuid?.()) return;
  if (process.getuid?.() !== 0) throw new UserError('Only root can become another user with --agent-user.', 2);
  const path = (process.env.PATH ?? '').split(':').map((folder) => `${folder}/setpriv`);
  const capabilities = ['-all', ...neededCapabilities(options).map((each) => `+${each}`)].join(',');
  const flags = ['--reuid', name, '--regid', String(gid), '--init-groups', '--no-new-privs'];
  for (const set of ['inh-caps', 'ambient-caps', 'bounding-set']) flags.push(`--${set}`, capabilities);
  const args = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  for (const setpriv of path) loadAddon().execute([setpriv, ...flags, '--', ...args]);
  throw new UserError('--agent-user needs the program setpriv: apt-get install -y util-linux.', 1);
}
