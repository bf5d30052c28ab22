import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CaptureReader } from '../src/index';
import { nodeCodec } from '../src/node';
import { writeShopCapture } from './shop-traffic';

const REQUESTS = 40_000;
const RUNS = 15;

/** Event blocks from bytes to columns, with every check, and a pass over six of the columns. */
export default async function decodeBench() {
  const path = join(tmpdir(), `causeway-decode-${process.pid}.causeway.msgpack`);
  const events = writeShopCapture(path, REQUESTS);
  const bytes = new Uint8Array(readFileSync(path));
  rmSync(path);
  const speeds: number[] = [];
  let checksum = 0;
  for (let run = 0; run < RUNS; run++) {
    const begin = performance.now();
    for (const item of new CaptureReader(nodeCodec).push(bytes)) {
      if (item.kind !== 'events') continue;
      const { kind, enter, exit, thread, socket, result, count } = item.block;
      for (let i = 0; i < count; i++)
        checksum += kind[i]! + exit[i]! - enter[i]! + thread[i]! + socket[i]! + result[i]!;
    }
    speeds.push(events / (performance.now() - begin) / 1000);
  }
  if (!Number.isFinite(checksum)) throw new Error('the columns hold no numbers');
  speeds.sort((a, b) => a - b);
  return [
    {
      name: 'decode event blocks, six columns touched',
      value: speeds[RUNS >> 1]!,
      unit: 'M events/s',
      target: 5,
      note: `${events} events, ${(bytes.length / events).toFixed(0)} bytes each, median of ${RUNS} runs`,
    },
  ];
}
