import { basename } from 'node:path';
import { ElfFile } from './elf';
import type { ProbeKind, ProbePoint } from './process-probes';

/** The programs of `bpf/tls.bpf.h` at each function of OpenSSL. */
const PROBES: Readonly<Record<string, readonly string[]>> = {
  SSL_do_handshake: ['tls_handshake'],
  SSL_read: ['tls_enter', 'tls_read_return'],
  SSL_write: ['tls_enter', 'tls_write_return'],
  SSL_read_ex: ['tls_enter', 'tls_read_ex_return'],
  SSL_write_ex: ['tls_enter', 'tls_write_ex_return'],
};
const NAMES = new Set(Object.keys(PROBES));

const FOLDERS = ['/usr/lib/x86_64-linux-gnu', '/usr/lib64', '/usr/lib', '/usr/local/lib64', '/usr/local/lib'];
const LIBRARIES = ['libssl.so.3', 'libssl.so.1.1'];

/** OpenSSL, as a library or inside a program that exports it, as Node.js does. */
export const TLS: ProbeKind = {
  looksAt: (name) => basename(name).startsWith('libssl.so'),
  expected: FOLDERS.flatMap((folder) => LIBRARIES.map((library) => `${folder}/${library}`)),
  pointsIn({ path }) {
    const functions = ElfFile.read(path, (file) => file.functions(NAMES)) ?? new Map();
    // A program that only uses the library names the functions, too, but does not define them.
    const points: ProbePoint[] = [];
    for (const [name, { offset }] of functions) {
      for (const program of PROBES[name]!) points.push({ program, offset });
    }
    return points;
  },
};

/** What a call of SSL_read or SSL_write takes longer, in microseconds: `npm run bench`, on the machine named in docs/recording.md. */
const ADDED_MICROSECONDS = 20;

/** For the start of a recording. `processes`: how many have OpenSSL already. */
export function tlsText(processes: number): string {
  const now = processes === 1 ? '1 process has' : `${processes} processes have`;
  return `TLS plaintext is recorded: ${now} OpenSSL at hand now. Each SSL_read and SSL_write takes about ${ADDED_MICROSECONDS} µs longer.`;
}
