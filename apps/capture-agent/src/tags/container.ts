/** The container a process runs in, as its control groups tell it. */
export interface Container {
  /** 64 hex digits. */
  readonly id: string;
  readonly runtime?: string;
  /** Of Kubernetes, as its API writes it. */
  readonly podUid?: string;
}

/** What stands before the id in a group's name (systemd driver), or names the folder above it (cgroupfs driver). */
const RUNTIMES: Readonly<Record<string, string>> = {
  docker: 'docker',
  'cri-containerd': 'containerd',
  crio: 'cri-o',
  libpod: 'podman',
  libpod_parent: 'podman',
  buildkit: 'buildkit',
};
const CONTAINER = /(?:^|\/)(?:([a-z][a-z-]*)[-:])?([0-9a-f]{64})(?:\.scope)?(?=\/|$)/g;
/** Monitors a container from outside. */
const MONITOR = /conmon/;
/** Underscores where systemd would take a dash for a level; static pods have a hash. */
const POD = /pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|[0-9a-f]{32})(?:\.slice)?(?=\/|$)/;

/**
 * Reads `/proc/PID/cgroup` (cgroups(7): `hierarchy:controllers:path` a line). Of containers inside a container it is the
 * innermost.
 */
export function containerOf(text: string): Container | undefined {
  for (const line of text.split('\n')) {
    const path = line.split(':').slice(2).join(':');
    const last = [...path.matchAll(CONTAINER)].at(-1);
    if (last === undefined) continue;
    const [, prefix = path.slice(0, last.index).split('/').at(-1) ?? '', id = ''] = last;
    if (MONITOR.test(prefix)) continue;
    const podUid = POD.exec(path)?.[1]?.replaceAll('_', '-');
    const runtime = RUNTIMES[prefix];
    return { id, ...(runtime !== undefined && { runtime }), ...(podUid !== undefined && { podUid }) };
  }
  return undefined;
}
