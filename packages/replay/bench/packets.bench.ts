import { spawnSync } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assembleAll, createSpanIndex, type Span } from '@causeway/core';
import { createReplay, readAnySource } from '../src/index';
import { fileSource, nodeCodec } from '../src/node';
import { type Frame, packetConversation, pcapFile } from '../src/testing/index';

/** The smaller one is over before the process is warm. */
const SIZES = [200e6, 1000e6];
const REQUESTS_A_CONNECTION = 20;
const CONNECTIONS_A_PIECE = 64;
const FILE_HEAD_BYTES = 24;
const BODY = 'x'.repeat(3000);

/** A connection of a browser or a service: small requests, answers of two to three packets. */
function connection(n: number): Frame[] {
  const turns = Array.from({ length: REQUESTS_A_CONNECTION }, (_, i) => [
    ['>', `GET /products/${n + i} HTTP/1.1\r\nHost: shop.test\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n`] as const,
    ['<', `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`] as const,
  ]).flat();
  const clientPort = 1024 + (n % 60_000);
  return packetConversation(turns, {
    clientPort,
    start: 1.7e18 + n * 1e7,
    clientSeq: n * 7919,
    serverSeq: n * 104_729,
  });
}

/** Returns the file's size and how many packets it holds. */
function write(path: string, least: number): { bytes: number; packets: number } {
  const file = openSync(path, 'w');
  let bytes = 0;
  let packets = 0;
  for (let n = 0; bytes < least; n += CONNECTIONS_A_PIECE) {
    const frames = Array.from({ length: CONNECTIONS_A_PIECE }, (_, i) => connection(n + i)).flat();
    const piece = pcapFile(frames).subarray(n === 0 ? 0 : FILE_HEAD_BYTES);
    writeSync(file, piece);
    bytes += piece.length;
    packets += frames.length;
  }
  closeSync(file);
  return { bytes, packets };
}

/** Seconds for file → spans, and for file → traces. */
async function ours(path: string): Promise<{ toSpans: number; toTraces: number; spans: number }> {
  const began = performance.now();
  const spans: Span[] = [];
  const replay = createReplay({ onSpan: (span) => spans.push(span) });
  for await (const item of readAnySource(fileSource(path), undefined, nodeCodec)) replay.push(item);
  replay.end();
  const toSpans = (performance.now() - began) / 1000;
  const traces = [...assembleAll(createSpanIndex(spans))];
  if (traces.length === 0) throw new Error('no traces');
  return { toSpans, toTraces: (performance.now() - began) / 1000, spans: spans.length };
}

/** Seconds that it takes, of which it needs a moment to start; undefined where it is not installed. */
function theirs(path: string): number | undefined {
  const began = performance.now();
  const { status, error } = spawnSync('tshark', ['-q', '-n', '-r', path, '-z', 'conv,tcp'], { stdio: 'ignore' });
  return error === undefined && status === 0 ? (performance.now() - began) / 1000 : undefined;
}

export default async function packetsBench() {
  const rows = [];
  for (const size of SIZES) rows.push(...(await benchOf(size)));
  return rows;
}

async function benchOf(least: number) {
  const path = join(tmpdir(), `causeway-packets-${process.pid}.pcap`);
  try {
    const { bytes, packets } = write(path, least);
    const { toSpans, toTraces, spans } = await ours(path);
    const other = theirs(path);
    return [
      {
        name: `pcap file of ${least / 1e6} MB → traces, one thread`,
        value: bytes / 1e6 / toTraces,
        unit: 'MB/s',
        note: `${packets} packets, ${spans} spans in ${toTraces.toFixed(1)} s`,
      },
      {
        name: '… of which file → spans',
        value: bytes / 1e6 / toSpans,
        unit: 'MB/s',
        ...(other !== undefined && { note: `${(other / toSpans).toFixed(1)} × tshark's speed` }),
      },
      other === undefined
        ? { name: '… against tshark -z conv,tcp: NOT MEASURED', value: 0, unit: '×', note: 'tshark is not installed' }
        : {
            name: '… against tshark -q -z conv,tcp',
            value: other / toTraces,
            unit: '×',
            target: 5,
            note: `which took ${other.toFixed(1)} s`,
          },
    ];
  } finally {
    rmSync(path, { force: true });
  }
}
