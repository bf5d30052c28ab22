import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runChecks } from '../src/doctor/checks';
import { Agent } from './agent';
import { compileLoad, Load } from './load';
import { median, type Row } from './row';

const ROUNDS = 3;
/** Each is a write and a read: two events. */
const ROUND_TRIPS = 200_000;

/** How many events a second get from the kernel into a file, and what that costs the agent. */
export default async function eventRate(): Promise<Row[]> {
  const lacking = runChecks().filter(({ ok }) => !ok);
  if (lacking.length > 0) return [{ name: `not measured: ${lacking[0]!.title}`, value: 0, unit: '' }];
  const folder = mkdtempSync(join(tmpdir(), 'causeway-bench-'));
  const load = new Load(compileLoad(folder));
  try {
    const rates: number[] = [];
    const cpu: number[] = [];
    let [dropped, events, peak] = [0, 0, 0];
    for (let round = 0; round < ROUNDS; round++) {
      const agent = await Agent.start(join(folder, 'events.causeway.msgpack'), [load.pid]);
      const began = performance.now();
      await load.ask(`flood ${ROUND_TRIPS}`);
      const seconds = (performance.now() - began) / 1000;
      const figures = await agent.end();
      rates.push(figures.events / seconds);
      cpu.push(figures.cpuSeconds / (figures.events / 1e6));
      dropped += figures.dropped;
      events += figures.events;
      peak = Math.max(peak, figures.peakBytes);
    }
    const rounds = `median of ${ROUNDS} runs of ${(2 * ROUND_TRIPS).toLocaleString('en')} events of 1 KB`;
    return [
      {
        name: 'from kernel to file, one writer',
        value: median(rates),
        unit: 'events/s',
        target: 500_000,
        note: rounds,
      },
      {
        name: 'dropped of these',
        value: dropped,
        unit: `of ${(events + dropped).toLocaleString('en')}`,
        target: 0,
        atMost: true,
      },
      { name: 'agent, processor time', value: median(cpu), unit: 's a million events', note: rounds },
      { name: 'agent, most memory', value: peak / 1e6, unit: 'MB', target: 150, atMost: true, note: 'VmHWM' },
    ];
  } finally {
    load.end();
    rmSync(folder, { recursive: true, force: true });
  }
}
