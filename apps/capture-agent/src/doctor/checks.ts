import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { arch, release } from 'node:os';
import { CannotRecord, loadAddon, type NativeAddon } from '../native/native-addon';

/** One thing that recording needs. */
export interface Check {
  /** Stable word. */
  readonly id: string;
  readonly title: string;
  readonly ok: boolean;
  /** What was found. */
  readonly detail: string;
  /** What to do about it; absent when all is well. */
  readonly remedy?: string;
}

const PERFMON = 38n;
const BPF = 39n;
const SYS_ADMIN = 21n;
const BTF = '/sys/kernel/btf/vmlinux';
/** Pointers as arguments of global functions, Linux 5.12, are the newest thing that the programs cannot do without. */
const OLDEST_KERNEL = [5, 12] as const;
const PAGE_BYTES = 4096;

function check(id: string, title: string, ok: boolean, detail: string, remedy: string): Check {
  return { id, title, ok, detail, ...(!ok && remedy !== '' && { remedy }) };
}

/** In the order in which one needs the other; after a failure the ones that depend on it are left out. */
export function runChecks(): Check[] {
  const checks: Check[] = [platform()];
  if (!checks[0]!.ok) return checks;
  checks.push(kernel(), privileges(), processIds(), typeInformation());
  const { check: addonCheck, addon } = recorder();
  checks.push(addonCheck);
  if (addon !== undefined && checks.every(({ ok }) => ok)) checks.push(programs(addon));
  return checks;
}

function platform(): Check {
  const [system, machine] = [process.platform, arch()];
  const remedy = 'Record on a Linux host on x86-64; captures can be opened anywhere.';
  return check('platform', 'Linux on x86-64', system === 'linux' && machine === 'x64', `${system} ${machine}`, remedy);
}

function kernel(): Check {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_KERNEL;
  const ok = major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
  return check('kernel', `Kernel ${OLDEST_KERNEL.join('.')} or later`, ok, release(), 'Use a newer kernel.');
}

function privileges(): Check {
  const line = /^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8'));
  const capabilities = BigInt(`0x${line?.[1] ?? '0'}`);
  const has = (capability: bigint) => (capabilities >> capability) % 2n === 1n;
  const ok = has(SYS_ADMIN) || (has(BPF) && has(PERFMON));
  const who = process.getuid?.() === 0 ? 'root' : `user ${process.getuid?.()}`;
  return check(
    'privileges',
    'Right to load kernel programs',
    ok,
    ok ? who : `${who}, without CAP_BPF and CAP_PERFMON`,
    'Run it as root, or with the capabilities CAP_BPF and CAP_PERFMON and no others.',
  );
}

/** The kernel programs know processes by the ids of the first namespace, whose inode is fixed (`PROC_PID_INIT_INO`). */
function processIds(): Check {
  const ok = readlinkSync('/proc/self/ns/pid') === `pid:[${0xeffffffc}]`;
  const detail = ok ? "the host's" : 'those of a container';
  const remedy = 'Give the container the process ids of the host: hostPID: true in Kubernetes, --pid=host elsewhere.';
  return check('process-ids', 'Process ids as the kernel knows them', ok, detail, remedy);
}

function typeInformation(): Check {
  const ok = existsSync(BTF);
  const remedy = "Boot a kernel built with CONFIG_DEBUG_INFO_BTF=y; the distributions' own kernels are.";
  return check('btf', 'Kernel type information (BTF)', ok, ok ? BTF : `${BTF} is missing`, remedy);
}

function recorder(): { check: Check; addon?: NativeAddon } {
  const title = 'Recorder built, libbpf found';
  try {
    const addon = loadAddon();
    return { check: check('recorder', title, true, `libbpf ${addon.libraryVersion().replace(/^v/, '')}`, ''), addon };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    const remedy = error instanceof CannotRecord ? error.remedy : '';
    return { check: check('recorder', title, false, detail, remedy) };
  }
}

/** Loads everything with a ring of one page, and lets it go again without attaching it. */
function programs(addon: NativeAddon): Check {
  const title = 'Kernel takes the programs and the ring buffer';
  try {
    const atSockets = addon.canAttachToSockets();
    new addon.Session({
      ports: [],
      excludedPorts: [],
      prefixes: [],
      cgroups: [],
      comms: [],
      payloadLimit: 1024,
      turnLimit: 1024,
      verdicts: true,
      agentPid: process.pid,
      allProcesses: false,
      lifecycle: true,
      unixSockets: true,
      tls: true,
      coroutines: true,
      secretNames: [],
      secretFirstBytes: [],
      withoutCasts: false,
      atSockets,
      ringBytes: PAGE_BYTES,
    }).close();
    const where = atSockets ? 'calls are seen at the sockets' : 'calls are seen as system calls: Linux before 6.5';
    return check('programs', title, true, `loaded and unloaded; ${where}`, '');
  } catch (error) {
    const detail = (error instanceof Error ? error.message : String(error)).trim();
    const remedy =
      'Turn off kernel lockdown (or secure boot), or try a newer kernel; in a container, see that its seccomp profile lets bpf() through.';
    return check('programs', title, false, detail, remedy);
  }
}
