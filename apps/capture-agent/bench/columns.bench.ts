import { encodeEventBlock } from '@causeway/replay';
import { loadAddon } from '../src/native/native-addon';
import { BlockBuilder } from '../src/record/block-builder';
import { BlockSpace } from '../src/record/block-space';
import { SocketRegistry } from '../src/record/socket-registry';
import { DEFAULT_NAMES } from '../src/redact/name-set';
import { Redactor } from '../src/redact/redactor';
import { rawRecords } from '../test/support/raw-record';
import { median, type Row } from './row';

const EVENTS = 8192;
const ROUND_EVENTS = 500_000;
const ROUNDS = 5;
const SOCKETS = 64;
const HINTS = new Redactor({ names: DEFAULT_NAMES, literals: false }).hints;

function records(payloadBytes: number): Uint8Array {
  const payload = Buffer.alloc(payloadBytes, 'GET / HTTP/1.1\r\n');
  return rawRecords(
    Array.from({ length: EVENTS }, (_, i) => ({
      ...{ kind: 1, enter: BigInt(1_000_000 + i * 1000), exit: BigInt(1_000_500 + i * 1000), direction: 1 + (i % 2) },
      ...{ socket: 0xffff_8880_0000_0000n + BigInt(i % SOCKETS) * 4096n, inode: 1 + (i % SOCKETS) },
      ...{ family: 4, transport: 6, localPort: 80, remotePort: 1024 + (i % SOCKETS), pid: 100, tid: 100 + (i % 8) },
      ...{ comm: 'nginx', result: BigInt(payloadBytes), payload },
    })),
  );
}

/** From the ring buffer's records to encoded event blocks. */
export default function columns(): Row[] {
  const addon = loadAddon();
  return [64, 1024].map((payloadBytes) => {
    const ring = records(payloadBytes);
    const space = new BlockSpace(addon.blockLayout);
    const rates = Array.from({ length: ROUNDS }, () => {
      const builder = new BlockBuilder(new SocketRegistry('boot'));
      const began = performance.now();
      while (builder.events < ROUND_EVENTS) {
        for (let at = 0; at < ring.length; ) {
          at += addon.fillBlock(space.memory, ring.subarray(at), HINTS);
          const block = builder.build(space)!;
          encodeEventBlock(block, (bytes) => space.roomFor(bytes, block.payload.length));
        }
      }
      return builder.events / ((performance.now() - began) / 1000);
    });
    return {
      name: `kernel records to event blocks, ${payloadBytes} B of payload`,
      value: median(rates),
      unit: 'events/s',
      target: 500_000,
    };
  });
}
