import { existsSync, readFileSync } from 'node:fs';
import type { ResourceAttributes } from '@causeway/replay';
import { httpText } from './http-get';
import { type Json, known, list, member, text } from './json-access';

/** Where Kubernetes puts what a pod may speak to its API with. */
const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
const TIMEOUT_MS = 3_000;
const MAX_BYTES = 64 * 1024 * 1024;

export interface KubeletOptions {
  /** E.g. `https://127.0.0.1:10250`. */
  readonly url: URL;
  /** Most kubelets sign their certificate themselves. */
  readonly insecure: boolean;
  /** Default: where Kubernetes puts it. */
  readonly accountFolder?: string;
}

/** Attributes of the pods on this node, by container id. Throws an `Error` that says what was wrong. */
export async function podsOf(options: KubeletOptions): Promise<ReadonlyMap<string, ResourceAttributes>> {
  const { url, insecure, accountFolder = ACCOUNT } = options;
  const [token, ca] = ['token', 'ca.crt'].map((name) => {
    const path = `${accountFolder}/${name}`;
    return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
  });
  const body = await httpText(new URL('/pods', url), {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    ...(ca !== undefined && { ca }),
    insecure,
    timeoutMs: TIMEOUT_MS,
    maxBytes: MAX_BYTES,
  });
  return parsePods(JSON.parse(body));
}

/** A PodList (v1 of the core API) as the kubelet gives it: by the id of each container that has one. */
export function parsePods(podList: Json): ReadonlyMap<string, ResourceAttributes> {
  const byContainer = new Map<string, ResourceAttributes>();
  for (const pod of list(podList, 'items')) {
    const ofPod = podAttributes(pod);
    for (const kind of ['initContainerStatuses', 'containerStatuses', 'ephemeralContainerStatuses']) {
      for (const status of list(pod, 'status', kind)) {
        // E.g. `containerd://4c01db0b…`
        const id = text(status, 'containerID')?.split('://')[1];
        if (id === undefined) continue;
        const own = known({
          'container.name': text(status, 'name'),
          'container.image.name': text(status, 'image'),
        });
        byContainer.set(id, { ...ofPod, ...own });
      }
    }
  }
  return byContainer;
}

function podAttributes(pod: Json): Record<string, string> {
  const labels = Object.entries(member(pod, 'metadata', 'labels') ?? {}).filter(
    ([, value]) => typeof value === 'string',
  );
  return {
    ...known({
      'k8s.pod.name': text(pod, 'metadata', 'name'),
      'k8s.pod.uid': text(pod, 'metadata', 'uid'),
      'k8s.namespace.name': text(pod, 'metadata', 'namespace'),
      'k8s.node.name': text(pod, 'spec', 'nodeName'),
      ...workloadOf(pod),
    }),
    ...Object.fromEntries(labels.map(([name, value]) => [`k8s.pod.label.${name}`, value as string])),
  };
}

/** Who made the pod. A Deployment makes it through a ReplicaSet named after itself and the template's hash. */
function workloadOf(pod: Json): Record<string, string | undefined> {
  const owners = list(pod, 'metadata', 'ownerReferences');
  const owner = owners.find((each) => member(each, 'controller') === true) ?? owners[0];
  const [kind, name] = [text(owner, 'kind'), text(owner, 'name')];
  const hash = text(pod, 'metadata', 'labels', 'pod-template-hash');
  const isDeployment = kind === 'ReplicaSet' && hash !== undefined && name?.endsWith(`-${hash}`) === true;
  return {
    'k8s.workload.kind': isDeployment ? 'Deployment' : kind,
    'k8s.workload.name': isDeployment ? name.slice(0, -hash.length - 1) : name,
  };
}

/** What the downward API says of the pod that this agent is in, for when its containers are recorded. */
export function ownPod(environment: NodeJS.ProcessEnv = process.env, accountFolder = ACCOUNT): ResourceAttributes {
  const path = `${accountFolder}/namespace`;
  return known({
    'k8s.pod.name': environment.POD_NAME || undefined,
    'k8s.pod.uid': environment.POD_UID || undefined,
    'k8s.namespace.name':
      environment.POD_NAMESPACE || (existsSync(path) ? readFileSync(path, 'utf8').trim() : '') || undefined,
    'k8s.node.name': environment.NODE_NAME || undefined,
  });
}
