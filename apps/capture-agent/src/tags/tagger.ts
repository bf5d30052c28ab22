import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import type { ResourceAttributes, TaggedProcesses, TagsRecord } from '@causeway/replay';
import { hostFacts } from '../host/host-facts';
import { cloudAttributes } from './cloud';
import { type Container, containerOf } from './container';
import { known } from './json-access';
import { type KubeletOptions, ownPod, podsOf } from './kubernetes';

export interface TaggerOptions {
  readonly labels: ResourceAttributes;
  readonly kubelet?: KubeletOptions;
  /** Ask the cloud's metadata service, at this address or where it is. */
  readonly cloud?: string | true;
  /** Gets a sentence when something could not be found out; each but once. */
  readonly say: (text: string) => void;
}

/** Processes remembered; beyond, the ones seen first are forgotten. */
const MAX_PROCESSES = 65_536;
/** A container that the kubelet did not know yet is asked for again after this. */
const ASK_AGAIN_MS = 5_000;

/** Finds out what the host and the recorded processes belong to. */
export class Tagger {
  /** Something was found out since `take`. */
  changed = true;
  private readonly containers = new Map<number, Container | undefined>();
  private pods: ReadonlyMap<string, ResourceAttributes> = new Map();
  private cloud: ResourceAttributes = {};
  private readonly own = ownPod();
  private readonly said = new Set<string>();
  private asked = Number.NEGATIVE_INFINITY;
  private asking: Promise<void> | undefined;

  constructor(private readonly options: TaggerOptions) {}

  /** Asks whom there is to ask. Never throws. */
  async prepare(): Promise<void> {
    const { cloud } = this.options;
    const asksCloud = async () => {
      if (cloud === undefined) return;
      this.cloud = await cloudAttributes(cloud === true ? undefined : cloud);
    };
    await Promise.all([
      asksCloud().catch((error) => this.sayOnce(`No cloud tags: ${messageOf(error)}.`)),
      this.askKubelet(),
    ]);
  }

  /** Processes that are recorded. Those seen before cost nothing. */
  see(pids: Iterable<number>): void {
    for (const pid of pids) {
      if (this.containers.has(pid)) continue;
      const container = readContainer(pid);
      if (this.containers.size >= MAX_PROCESSES) this.containers.delete(this.containers.keys().next().value!);
      this.containers.set(pid, container);
      if (container !== undefined) this.changed = true;
    }
    const unknown = [...this.containers.values()].some((each) => each?.podUid !== undefined && !this.pods.has(each.id));
    if (unknown) void this.askKubelet();
  }

  /** All that is known now. */
  take(): Omit<TagsRecord, 'time'> {
    this.changed = false;
    return { host: this.host(), labels: this.options.labels, groups: this.groups() };
  }

  private host(): ResourceAttributes {
    const node = this.own['k8s.node.name'];
    return {
      ...known({ 'host.name': hostFacts().hostName, 'os.type': 'linux', 'os.kernel.release': release() }),
      ...distribution(),
      ...(node !== undefined && { 'k8s.node.name': node }),
      ...this.cloud,
    };
  }

  private groups(): TaggedProcesses[] {
    const byContainer = new Map<string, { readonly container: Container; readonly pids: number[] }>();
    for (const [pid, container] of this.containers) {
      if (container === undefined) continue;
      const group = byContainer.get(container.id);
      if (group === undefined) byContainer.set(container.id, { container, pids: [pid] });
      else group.pids.push(pid);
    }
    return [...byContainer.values()].map(({ container, pids }) => ({ pids, attributes: this.attributesOf(container) }));
  }

  private attributesOf({ id, runtime, podUid }: Container): ResourceAttributes {
    const ours = podUid !== undefined && podUid === this.own['k8s.pod.uid'] ? this.own : {};
    return {
      ...known({ 'container.id': id, 'container.runtime': runtime, 'k8s.pod.uid': podUid }),
      ...ours,
      ...this.pods.get(id),
    };
  }

  private askKubelet(): Promise<void> {
    const { kubelet } = this.options;
    if (kubelet === undefined || performance.now() - this.asked < ASK_AGAIN_MS) return Promise.resolve();
    this.asking ??= podsOf(kubelet)
      .then((pods) => {
        this.pods = pods;
        this.changed = true;
      })
      .catch((error) => this.sayOnce(`No tags of ${kubelet.url.origin}: ${messageOf(error)}.`))
      .finally(() => {
        this.asked = performance.now();
        this.asking = undefined;
      });
    return this.asking;
  }

  private sayOnce(text: string): void {
    if (this.said.has(text)) return;
    this.said.add(text);
    this.options.say(text);
  }
}

function readContainer(pid: number): Container | undefined {
  try {
    return containerOf(readFileSync(`/proc/${pid}/cgroup`, 'utf8'));
  } catch {
    // It has ended.
    return undefined;
  }
}

/** os-release(5): `NAME="Debian GNU/Linux"` a line. */
function distribution(): ResourceAttributes {
  let lines: string[];
  try {
    lines = readFileSync('/etc/os-release', 'utf8').split('\n');
  } catch {
    return {};
  }
  const value = (name: string) =>
    lines
      .find((line) => line.startsWith(`${name}=`))
      ?.slice(name.length + 1)
      .replace(/^(["'])(.*)\1$/, '$2') || undefined;
  return known({
    'os.name': value('NAME'),
    'os.version': value('VERSION_ID'),
    'os.description': value('PRETTY_NAME'),
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
