import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { join } from 'node:path';
import { type CaptureItem, CaptureReader, type TagsRecord } from '@causeway/replay';
import { nodeCodec } from '@causeway/replay/node';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { packageRoot } from '../src/native/package-root';
import { runRecording } from '../src/record/recording-run';
import { NO_TARGETS } from '../src/record/targets';
import { cloudAttributes } from '../src/tags/cloud';
import { parsePods } from '../src/tags/kubernetes';
import { readLabels } from '../src/tags/labels';
import { Tagger } from '../src/tags/tagger';
import { LACKING, scratchFolder } from './support/recorded';

const PODS = readFileSync(join(packageRoot(), 'test/fixtures/pods.json'), 'utf8');
const CGROUP2 = readFileSync('/proc/self/mounts', 'utf8')
  .split('\n')
  .map((line) => line.split(' '))
  .find(([, , type]) => type === 'cgroup2')?.[1];

describe('tags', () => {
  const folder = scratchFolder();
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });
  afterAll(() => folder.remove());

  /** Answers by `METHOD path`; anything else is not found. */
  async function fake(answer: (request: IncomingMessage) => string | undefined): Promise<string> {
    const server = createServer((request, response) => {
      const body = answer(request);
      response.writeHead(body === undefined ? 404 : 200).end(body);
    });
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  }

  it('of pods are those of their containers, with the workload that made them', () => {
    const pods = parsePods(JSON.parse(PODS));
    const cart = {
      'k8s.pod.name': 'cart-7d9c6b5f48-x2x9p',
      'k8s.pod.uid': '1f0b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d',
      'k8s.namespace.name': 'shop',
      'k8s.node.name': 'node-1',
      'k8s.workload.kind': 'Deployment',
      'k8s.workload.name': 'cart',
      'k8s.pod.label.app': 'cart',
      'k8s.pod.label.pod-template-hash': '7d9c6b5f48',
      'container.image.name': 'registry.local/cart:1.4',
    };
    expect(Object.fromEntries(pods)).toEqual({
      [`${'1'.repeat(64)}`]: { ...cart, 'container.name': 'cart' },
      [`${'2'.repeat(64)}`]: { ...cart, 'container.name': 'migrate' },
      [`${'3'.repeat(64)}`]: expect.objectContaining({
        'k8s.pod.name': 'db-0',
        'k8s.workload.kind': 'StatefulSet',
        'k8s.workload.name': 'db',
        'container.name': 'postgres',
      }),
    });
    for (const odd of [null, 7, {}, { items: 1 }, { items: [null, { status: { containerStatuses: [{}] } }] }]) {
      expect(parsePods(odd).size).toBe(0);
    }
  });

  it.each([
    {
      provider: 'aws',
      answers: {
        'PUT /latest/api/token': 'a-token',
        'GET /latest/dynamic/instance-identity/document': JSON.stringify({
          accountId: '123456789012',
          region: 'eu-west-1',
          availabilityZone: 'eu-west-1a',
          instanceId: 'i-0abc',
          instanceType: 'm7i.large',
        }),
      },
      needs: {
        '/latest/api/token': ['x-aws-ec2-metadata-token-ttl-seconds', '60'],
        '/latest/dynamic/instance-identity/document': ['x-aws-ec2-metadata-token', 'a-token'],
      },
      expected: ['123456789012', 'eu-west-1', 'eu-west-1a', 'i-0abc', 'm7i.large'],
    },
    {
      provider: 'gcp',
      answers: {
        'GET /computeMetadata/v1/?recursive=true&alt=json':
          '{"instance":{"id":1234567890123456789,"zone":"projects/1/zones/europe-west1-b","machineType":"projects/1/machineTypes/e2-small"},"project":{"projectId":"shop"}}',
      },
      needs: { '/computeMetadata/v1/?recursive=true&alt=json': ['metadata-flavor', 'Google'] },
      expected: ['shop', 'europe-west1', 'europe-west1-b', '1234567890123456789', 'e2-small'],
    },
    {
      provider: 'azure',
      answers: {
        'GET /metadata/instance/compute?api-version=2021-02-01': JSON.stringify({
          subscriptionId: 'sub',
          location: 'westeurope',
          zone: '2',
          vmId: 'vm-id',
          vmSize: 'Standard_D2s_v5',
        }),
      },
      needs: { '/metadata/instance/compute?api-version=2021-02-01': ['metadata', 'true'] },
      expected: ['sub', 'westeurope', '2', 'vm-id', 'Standard_D2s_v5'],
    },
  ])('of the cloud are asked for as $provider wants it', async ({ provider, answers, needs, expected }) => {
    const url = await fake(({ method, url: path = '', headers }) => {
      const [header, value] = (needs as unknown as Record<string, string[]>)[path] ?? [];
      if (header !== undefined && headers[header] !== value) return undefined;
      return (answers as Readonly<Record<string, string>>)[`${method} ${path}`];
    });
    const [account, region, zone, id, type] = expected;
    expect(await cloudAttributes(url)).toEqual({
      'cloud.provider': provider,
      'cloud.account.id': account,
      'cloud.region': region,
      'cloud.availability_zone': zone,
      'host.id': id,
      'host.type': type,
    });
  });

  it('of the cloud and the kubelet are missing, and that is said once, where they do not answer', async () => {
    const url = await fake(() => undefined);
    const said: string[] = [];
    const kubelet = { url: new URL(url), insecure: false };
    const tagger = new Tagger({ labels: {}, cloud: url, kubelet, say: (text) => said.push(text) });
    await tagger.prepare();
    expect(said.sort()).toEqual([
      `No cloud tags: no cloud's metadata service answers at ${url}.`,
      `No tags of ${url}: it answered with status 404.`,
    ]);
    expect(tagger.take().host['host.name']).toMatch(/./);
  });

  it('of the kubelet are asked for with the account that Kubernetes gives a pod', async () => {
    const asked: (string | undefined)[] = [];
    const url = await fake(({ url: path, headers }) => {
      asked.push(`${path} ${headers.authorization}`);
      return PODS;
    });
    writeFileSync(join(folder.path, 'token'), 'secret\n');
    const kubelet = { url: new URL(url), insecure: false, accountFolder: folder.path };
    await new Tagger({ labels: {}, kubelet, say: () => {} }).prepare();
    expect(asked).toEqual(['/pods Bearer secret']);
  });

  it('from a file are a flat map', () => {
    const file = (text: string) => {
      const path = join(folder.path, 'labels.yaml');
      writeFileSync(path, text);
      return path;
    };
    expect(readLabels(file('stage: production\nzone: 7\nspare: true\n'))).toEqual({
      stage: 'production',
      zone: '7',
      spare: 'true',
    });
    expect(() => readLabels(file('- one\n'))).toThrow(/no map of names/);
    expect(() => readLabels(file('team: {name: x}\n'))).toThrow(/the value of team is no text/);
    expect(() => readLabels(file('a: [\n'))).toThrow();
  });

  describe.skipIf(LACKING !== '')(`in a capture (needs ${LACKING || 'nothing more'})`, () => {
    const groups: string[] = [];
    const children: ChildProcess[] = [];
    afterEach(async () => {
      for (const child of children.splice(0)) {
        child.kill('SIGKILL');
        if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      }
      for (const group of groups.splice(0)) rmdirSync(group);
    });

    it.skipIf(CGROUP2 === undefined)('name the container and the pod of what is recorded (needs cgroup2)', async () => {
      const id = randomBytes(32).toString('hex');
      const group = join(CGROUP2!, `cri-containerd-${id}.scope`);
      mkdirSync(group);
      groups.push(group);
      const child = spawn('/bin/sh', ['-c', 'echo $$ > "$0/cgroup.procs" && echo in && exec sleep 60', group], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      children.push(child);
      await once(child.stdout!, 'data');
      const url = await fake(() => PODS.replace('1'.repeat(64), id));
      const tagger = new Tagger({
        labels: { stage: 'test' },
        kubelet: { url: new URL(url), insecure: false },
        say() {},
      });
      await tagger.prepare();
      const parts: Uint8Array[] = [];
      const targets = { ...NO_TARGETS, pids: [child.pid!] };
      await runRecording(
        { targets, payloadLimit: 0, flushMs: 20, tagger, sink: (bytes) => parts.push(bytes), durationSeconds: 0.05 },
        () => {},
      );
      const [tags, ...more] = tagsIn(Buffer.concat(parts));
      expect(more).toEqual([]);
      expect(tags).toMatchObject({ host: { 'os.type': 'linux' }, labels: { stage: 'test' } });
      expect(tags!.groups).toEqual([
        {
          pids: [child.pid],
          attributes: expect.objectContaining({
            'container.id': id,
            'container.runtime': 'containerd',
            'k8s.pod.name': 'cart-7d9c6b5f48-x2x9p',
            'k8s.workload.name': 'cart',
          }),
        },
      ]);
    });

    it('are written by the command, and inspect shows them', async () => {
      const file = join(folder.path, 'labelled.causeway.msgpack');
      const yaml = join(folder.path, 'more.yaml');
      writeFileSync(yaml, 'stage: overridden\nteam: north\n');
      const main = [process.execPath, '--import', 'tsx', join(packageRoot(), 'src', 'main.ts')];
      const run = async (...args: string[]) => {
        const child = spawn(main[0]!, [...main.slice(1), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
        const parts: Buffer[] = [];
        child.stdout.on('data', (part) => parts.push(part));
        child.stderr.resume();
        expect((await once(child, 'close'))[0]).toBe(0);
        return Buffer.concat(parts).toString();
      };
      const labels = ['--label', 'stage=test', 'path=a=b', '--labels', yaml];
      await run('record', '-o', file, ...labels, '--', 'sh', '-c', 'exec sleep 0.1');
      const [tags] = tagsIn(readFileSync(file));
      expect(tags!.labels).toEqual({ stage: 'test', team: 'north', path: 'a=b' });
      const json = JSON.parse(await run('inspect', file, '--json'));
      expect(json.tags[0]).toMatchObject({ labels: tags!.labels, host: tags!.host });
      expect(await run('inspect', file)).toMatch(/^labels +stage=test team=north path=a=b$/m);
    });
  });
});

function tagsIn(bytes: Uint8Array): TagsRecord[] {
  const reader = new CaptureReader(nodeCodec);
  const items: CaptureItem[] = [...reader.push(bytes), ...reader.end()];
  return items.flatMap((item) => (item.kind === 'tags' ? [item.tags] : []));
}
