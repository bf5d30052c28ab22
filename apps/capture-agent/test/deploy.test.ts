import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { neededCapabilities } from '../src/commands/agent-user';
import { packageRoot } from '../src/native/package-root';
import { SERVICE_UNIT, unitSetting } from './support/service-unit';

const textOf = (name: string) => readFileSync(join(packageRoot(), 'deploy', name), 'utf8');
const NEEDED = neededCapabilities({ comm: [] }).map((each) => each.toUpperCase());
const ANALYZE = spawnSync('systemd-analyze', ['--version']).status === 0;

/** `causeway` takes these arguments: it gets as far as looking for a process that cannot be. */
function mustBeUnderstood(args: readonly string[]): void {
  const main = join(packageRoot(), 'bin', 'causeway.mjs');
  const { stderr } = spawnSync(process.execPath, [main, ...args, '--pid', '4194303'], { encoding: 'utf8' });
  expect(stderr).toBe('There is no process 4194303.\n');
}

describe('the systemd unit', () => {
  it('gives the needed capabilities and no others, to a user of its own', () => {
    const expected = NEEDED.map((each) => `CAP_${each}`).join(' ');
    expect(unitSetting('CapabilityBoundingSet')).toBe(expected);
    expect(unitSetting('AmbientCapabilities')).toBe(expected);
    expect(unitSetting('DynamicUser')).toBe('yes');
    expect(unitSetting('NoNewPrivileges')).toBe('yes');
  });

  it('starts a command that exists', () => {
    const [env, causeway, ...args] = unitSetting('ExecStart')!.split(/\s+/);
    expect([env, causeway]).toEqual(['/usr/bin/env', 'causeway']);
    const target = /^CAUSEWAY_OPTIONS=(.*)$/.exec(unitSetting('Environment')!)![1]!;
    mustBeUnderstood(args.map((each) => each.replace('$CAUSEWAY_OPTIONS', target)));
  });

  it.skipIf(!ANALYZE)('is a unit that systemd takes (needs systemd-analyze)', () => {
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', SERVICE_UNIT], {
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

describe('the DaemonSet', () => {
  const documents = parseAllDocuments(textOf('kubernetes/daemonset.yaml'));
  const objects = documents.map((document) => document.toJS());
  const daemonSet = objects.find(({ kind }) => kind === 'DaemonSet');
  const pod = daemonSet.spec.template.spec;
  const [container] = pod.containers;

  it('is well-formed and whole', () => {
    expect(documents.flatMap(({ errors, warnings }) => [...errors, ...warnings])).toEqual([]);
    expect(objects.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`)).toEqual([
      'v1 Namespace',
      'apps/v1 DaemonSet',
    ]);
    expect(daemonSet.metadata.namespace).toBe(objects[0].metadata.name);
    expect(daemonSet.spec.template.metadata.labels).toMatchObject(daemonSet.spec.selector.matchLabels);
    const volumes = pod.volumes.map(({ name }: { name: string }) => name);
    expect(container.volumeMounts.map(({ name }: { name: string }) => name).sort()).toEqual(volumes.sort());
  });

  it("shares the host's process ids, and nothing else of the host but its two places", () => {
    expect(pod.hostPID).toBe(true);
    expect(pod).not.toHaveProperty('hostNetwork');
    expect(pod).not.toHaveProperty('hostIPC');
    expect(pod.automountServiceAccountToken).toBe(false);
    const places = pod.volumes.flatMap((volume: { hostPath?: { path: string } }) => volume.hostPath?.path ?? []);
    expect(places).toEqual(['/var/lib/causeway', '/etc/machine-id']);
    expect(container.securityContext).toMatchObject({
      privileged: false,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'], add: NEEDED },
    });
  });

  it('starts a command that exists', () => mustBeUnderstood(container.args));
});

describe('the container file', () => {
  it('installs what doctor asks for, and runs the package', () => {
    const text = textOf('container/Containerfile');
    expect(text).toMatch(/^ARG BASE=docker\.io\/library\/node:20-\S+\nFROM \$\{BASE\}$/m);
    expect(text).toMatch(/apt-get install -y --no-install-recommends libbpf1 libelf1 zlib1g\b/);
    expect(text).toMatch(/^COPY causeway-capture-agent-\*\.tgz/m);
    expect(text).toMatch(/^ENTRYPOINT \["causeway"\]$/m);
    expect([...text.matchAll(/--cap-add=(\w+)/g)].map(([, name]) => name!.toUpperCase())).toEqual(NEEDED);
  });
});
