import {
  type Endpoint,
  EventKind,
  type HostId,
  type SocketId,
  type SocketInfo,
  type SocketRole,
  SyscallAbi,
  type ThreadInfo,
} from '@causeway/core';
import { CaptureWriter, type CaptureWriterOptions } from '../format/capture-writer';
import type { CaptureHeader } from '../format/payloads';
import { type EventRow, eventBlockFromRows } from './event-block-from-rows';

/** 2026-01-02 03:04:05 UTC. */
const START = 1_767_323_045_000_000_000n;

export function sampleHeader(overrides: Partial<CaptureHeader> = {}): Omit<CaptureHeader, 'version'> {
  return {
    producer: 'causeway',
    producerVersion: '0.1.0',
    captureId: '00000000-0000-4000-8000-000000000001',
    hostId: '0123456789abcdef0123456789abcdef' as HostId,
    hostName: 'box',
    bootId: '00000000-0000-4000-8000-00000000000b',
    kernel: '6.1.0',
    architecture: 'x86_64',
    monotonic: 1_000_000_000n,
    realtime: START,
    filters: { comms: ['web'] },
    payloadLimit: 1024,
    redactions: [],
    ...overrides,
  };
}

/** A TCP socket on loopback, named by a number. */
export function sampleSocket(id: number, role: SocketRole, local: Endpoint, remote: Endpoint): SocketInfo {
  return {
    id: id.toString(16).padStart(16, '0') as SocketId,
    transport: 'tcp',
    local,
    remote,
    inode: id,
    netns: 1,
    role,
    preexisting: false,
  };
}

/** Bytes of a capture that `write` fills: `sampleHeader`, what it writes, and the index. */
export function captureOf(
  write: (writer: CaptureWriter) => void,
  header: Partial<CaptureHeader> = {},
  options: CaptureWriterOptions = {},
): Uint8Array {
  const pieces: Uint8Array[] = [];
  const writer = new CaptureWriter((bytes) => pieces.push(bytes), options);
  writer.writeHeader(sampleHeader(header));
  write(writer);
  writer.end();
  return joinBytes(pieces);
}

export function joinBytes(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

const WEB: ThreadInfo = { pid: 10, tid: 11, comm: 'web' };

/**
 * Rows of one request that `web` serves from `start` on (monotonic): HTTP in, a Redis GET out and back, HTTP out.
 * `n` tells connections and sequence numbers of several requests apart.
 */
export function requestRows(n: number, start: bigint): EventRow[] {
  const http = sampleSocket(
    2 * n + 1,
    'server',
    { address: '127.0.0.1', port: 80 },
    { address: '127.0.0.1', port: 40_000 + n },
  );
  const redis = sampleSocket(
    2 * n + 2,
    'client',
    { address: '127.0.0.1', port: 50_000 + n },
    { address: '127.0.0.1', port: 6379 },
  );
  const call = (after: bigint, abi: SyscallAbi, socket: SocketInfo, fd: number, seq: number, payload: string) => ({
    kind: EventKind.data,
    enter: start + after,
    exit: start + after + 1_000n,
    abi,
    thread: WEB,
    socket,
    fd,
    tcpSeqEnter: seq,
    tcpSeqExit: seq + payload.length,
    rtt: 30,
    payload,
  });
  return [
    call(0n, SyscallAbi.read, http, 7, 1000, `GET /users/${n} HTTP/1.1\r\nHost: shop.test\r\n\r\n`),
    call(20_000n, SyscallAbi.write, redis, 8, 5000, `*2\r\n$3\r\nGET\r\n$6\r\nuser:1\r\n`),
    call(90_000n, SyscallAbi.read, redis, 8, 7000, '$3\r\nann\r\n'),
    call(120_000n, SyscallAbi.write, http, 7, 3000, 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nann'),
  ];
}

/** A small capture with every frame kind that is written today. */
export function sampleCapture(header: Partial<CaptureHeader> = {}, options: CaptureWriterOptions = {}): Uint8Array {
  return captureOf(
    (writer) => {
      writer.writeSnapshot(1_000_000_000n, {
        processes: [{ ...WEB, parentPid: 1, commandLine: 'web --port 80' }],
        sockets: [
          {
            ...sampleSocket(99, 'unknown', { address: '::1', port: 80 }, { address: '::1', port: 41_000 }),
            preexisting: true,
            pid: 10,
            fd: 5,
          },
        ],
      });
      writer.writeEvents(eventBlockFromRows(requestRows(0, 1_000_100_000n)));
      writer.writeClock({ monotonic: 1_000_500_000n, realtime: START + 500_000n });
      writer.writeEvents(eventBlockFromRows(requestRows(1, 1_000_600_000n)));
      writer.writeLoss({ from: 1_000_000_000n, to: 1_001_000_000n, ringDrops: [0, 2], truncatedPayloads: 1 });
      writer.writeAnnotation({ id: 'a1', time: 0n, text: 'slow here' });
    },
    header,
    options,
  );
}
