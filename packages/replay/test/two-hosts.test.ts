import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { EventKind, type HostId, SyscallAbi } from '@causeway/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runReplay } from '../src/node';
import { captureOf, eventBlockFromRows, sampleHeader, sampleSocket } from '../src/testing/index';

const CALLS = 20;
const REQUEST = 'GET /stock HTTP/1.1\r\nHost: stock.test\r\n\r\n';
const RESPONSE = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const CLIENT = { address: '10.0.0.1', port: 40_000 };
const SERVER = { address: '10.0.0.2', port: 80 };

/** One end of a connection that carries twenty requests, by its host's own monotonic clock, which began anywhere. */
function end(role: 'client' | 'server', boot: bigint, realtime: bigint) {
  const atClient = role === 'client';
  const socket = sampleSocket(
    7,
    role,
    ...((atClient ? [CLIENT, SERVER] : [SERVER, CLIENT]) as [typeof CLIENT, typeof SERVER]),
  );
  const thread = { pid: 10, tid: 10, comm: atClient ? 'web' : 'stock' };
  const rows = Array.from({ length: CALLS }, (_, n) => {
    const at = (micros: number) => boot + BigInt(n * 10_000 + micros) * 1000n;
    const row = (time: bigint, abi: SyscallAbi, tcpSeqEnter: number, payload: string) => ({
      ...{ kind: EventKind.data, enter: time, exit: time + 1_000n, abi, thread, socket, fd: 7, rtt: 30, payload },
      ...{ tcpSeqEnter, tcpSeqExit: tcpSeqEnter + payload.length },
    });
    const asked = 1000 + n * REQUEST.length;
    const answered = 9000 + n * RESPONSE.length;
    return atClient
      ? [row(at(0), SyscallAbi.write, asked, REQUEST), row(at(3000), SyscallAbi.read, answered, RESPONSE)]
      : [row(at(1000), SyscallAbi.read, asked, REQUEST), row(at(2000), SyscallAbi.write, answered, RESPONSE)];
  });
  const hostId = `boot of ${thread.comm}` as HostId;
  return captureOf((writer) => writer.writeEvents(eventBlockFromRows(rows.flat())), {
    ...{ hostId, hostName: thread.comm, monotonic: boot, realtime },
  });
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'causeway-hosts-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function replay(skew: bigint, json: boolean) {
  const { realtime } = sampleHeader();
  const paths = [join(folder, `stock${skew}`), join(folder, `web${skew}`)];
  await writeFile(paths[0]!, end('server', 77_000_000_000n, realtime + skew));
  await writeFile(paths[1]!, end('client', 5_000_000_000n, realtime));
  let text = '';
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  expect(await runReplay(paths, { stdout, json })).toBe(0);
  return text;
}

describe('captures of two hosts', () => {
  it.each([
    ['agree', 0n],
    ['differ by 3 ms', 3_000_000n],
    ['differ by 5 s', 5_000_000_000n],
    ['differ by two hours', -7_200_000_000_000n],
  ])('whose clocks %s are assembled together', async (_, skew) => {
    const lines = (await replay(skew, true))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const links = lines.filter(({ kind }) => kind === 'link');
    expect(links).toHaveLength(CALLS);
    expect(new Set(links.map(({ rule }) => rule))).toEqual(new Set(['R11']));
    const clocks = lines.filter(({ kind }) => kind === 'clock');
    // The server sees the request 1 ms after it was sent, and answers 1 ms before the answer is seen, less the calls themselves.
    expect(clocks).toEqual([
      {
        kind: 'clock',
        host: 'boot of stock',
        against: 'boot of web',
        shiftNs: expect.any(Number),
        earliestNs: -Number(skew) - 1_001_000,
        latestNs: -Number(skew) + 1_001_000,
        links: CALLS,
        ignored: 0,
      },
    ]);
    expect(Math.abs(clocks[0].shiftNs + Number(skew))).toBeLessThanOrEqual(1_001_000);
    const starts = lines.flatMap((line) => (line.tapSide === 's-p' ? [BigInt(line.startNs)] : []));
    const { realtime } = sampleHeader();
    expect(starts[0]).toBe(realtime + skew + 1_001_000n);
  });

  it('are told apart in the text, with the shift of the clock', async () => {
    const text = await replay(5_000_000_000n, false);
    expect(text).toContain('clock of stock: shifted by −5.00 s, from 20 links with web (−5.00 s … −5.00 s would do)');
    expect(text.match(/R11 server-under-client/g)).toHaveLength(CALLS);
  });
});
