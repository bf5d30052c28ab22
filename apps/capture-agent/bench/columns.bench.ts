import { encodeEventBlock } from '@causeway/replay';
import { BlockBuilder } from '../src/record/block-builder';
import type { RecordBatch } from '../src/record/raw-event';
import { SocketRegistry } from '../src/record/socket-registry';
import { rawRecords } from '../test/support/raw-record';
import { median, type Row } from './row';

const BATCH_EVENTS = 500;
const BATCHES = 1000;
const ROUNDS = 5;
const SOCKETS = 64;
/** More than a block takes. */
const MEMORY = new Uint8Array(4 * 1024 * 1024);

function batch(payloadBytes: number): RecordBatch {
  const payload = Buffer.alloc(payloadBytes, 'GET / HTTP/1.1\r\n');
  return rawRecords(
    Array.from({ length: BATCH_EVENTS }, (_, i) => ({
      ...{ kind: 1, enter: BigInt(1_000_000 + i * 1000), exit: BigInt(1_000_500 + i * 1000), direction: 1 + (i % 2) },
      ...{ socket: 0xffff_8880_0000_0000n + BigInt(i % SOCKETS) * 4096n, inode: 1 + (i % SOCKETS) },
      ...{ family: 4, transport: 6, localPort: 80, remotePort: 1024 + (i % SOCKETS), pid: 100, tid: 100 + (i % 8) },
      ...{ comm: 'nginx', result: BigInt(payloadBytes), payload },
    })),
  );
}

/** From the ring buffer's records to encoded event blocks, in the one thread that does it. */
export default function columns(): Row[] {
  return [64, 1024].map((payloadBytes) => {
    const records = batch(payloadBytes);
    const rates = Array.from({ length: ROUNDS }, () => {
      const builder = new BlockBuilder(new SocketRegistry('boot'), (block) => encodeEventBlock(block, () => MEMORY));
      const began = performance.now();
      for (let i = 0; i < BATCHES; i++) builder.add(records);
      builder.flush();
      return (BATCHES * BATCH_EVENTS) / ((performance.now() - began) / 1000);
    });
    return {
      name: `kernel records to event blocks, ${payloadBytes} B of payload`,
      value: median(rates),
      unit: 'events/s',
      target: 500_000,
    };
  });
}
