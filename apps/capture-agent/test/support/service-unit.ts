import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/native/package-root';

export const SERVICE_UNIT = join(packageRoot(), 'deploy', 'systemd', 'causeway-recorder.service');

/** The first value of a name in the unit. */
export function unitSetting(name: string): string | undefined {
  const text = readFileSync(SERVICE_UNIT, 'utf8').replaceAll('\\\n', '');
  return new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1];
}
