import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runChecks } from '../src/doctor/checks';
import { Agent, type AgentFigures } from './agent';
import { compileLoad, Load } from './load';
import { median, type Row } from './row';

const ROUNDS = 3;
/** Each is a write and a read: two events. */
const ROUND_TRIPS = 200_000;
/** One second of the rate that is to be kept up with, and one of more than that. */
const RATE = 500_000;
const LOOKS = 500_000;
const AS_FAST_AS_IT_CAN = 10_000_000;

interface Run extends AgentFigures {
  /** Events that the program made. */
  readonly made: number;
  readonly perSecond: number;
}

/** Median and sums of what some runs found. */
const figuresOf = (runs: readonly Run[]) => ({
  recordedPerSecond: median(runs.map(({ events, made, perSecond }) => (events / made) * perSecond)),
  madePerSecond: median(runs.map(({ perSecond }) => perSecond)),
  cpuPerMillion: median(runs.map(({ cpuSeconds, events }) => cpuSeconds / (events / 1e6))),
  made: runs.reduce((sum, { made }) => sum + made, 0),
  dropped: runs.reduce((sum, { dropped }) => sum + dropped, 0),
  // A few events of the program's other sockets may be recorded too, so fewer than none can be missing.
  uncounted: runs.reduce((sum, { made, events, dropped }) => sum + Math.max(0, made - events - dropped), 0),
  peakBytes: Math.max(...runs.map(({ peakBytes }) => peakBytes)),
});

/** How many events a second get from the kernel into a file, and what that costs the agent. */
export default async function eventRate(): Promise<Row[]> {
  const lacking = runChecks().filter(({ ok }) => !ok);
  if (lacking.length > 0) return [{ name: `not measured: ${lacking[0]!.title}`, value: 0, unit: '' }];
  const folder = mkdtempSync(join(tmpdir(), 'causeway-bench-'));
  const output = join(folder, 'events.causeway.msgpack');
  const load = Load.onFirstProcessor(compileLoad(folder));

  const record = async (made: number, act: () => Promise<number>): Promise<Run> => {
    const agent = await Agent.start(output, [load.pid]);
    const perSecond = await act();
    return { made, perSecond, ...(await agent.end()) };
  };
  const looking = (rate: number) => record(LOOKS, async () => Number(await load.ask(`peek ${LOOKS} ${rate}`)));
  const roundTrips = () =>
    record(2 * ROUND_TRIPS, async () => {
      const began = performance.now();
      await load.ask(`flood ${ROUND_TRIPS}`);
      return (2 * ROUND_TRIPS) / ((performance.now() - began) / 1000);
    });
  const several = async (run: () => Promise<Run>) => {
    const runs: Run[] = [];
    for (let round = 0; round < ROUNDS; round++) runs.push(await run());
    return figuresOf(runs);
  };

  try {
    const paced = await several(() => looking(RATE));
    const most = await several(() => looking(AS_FAST_AS_IT_CAN));
    const trips = await several(roundTrips);
    const count = (value: number) => value.toLocaleString('en', { maximumFractionDigits: 0 });
    const rounds = `${ROUNDS} runs of ${count(LOOKS)} events of 1 KB`;
    return [
      {
        ...{ name: `from kernel to file, of ${count(RATE)} events/s asked for`, value: paced.recordedPerSecond },
        ...{ unit: 'events/s', target: RATE * 0.99 },
        note: `one program made ${count(paced.madePerSecond)} events/s; median of ${rounds}; the agent has one processor for everything`,
      },
      { name: 'dropped of these', value: paced.dropped, unit: `of ${count(paced.made)}`, target: 0, atMost: true },
      { name: 'agent, processor time', value: paced.cpuPerMillion, unit: 's a million events', note: 'in these runs' },
      {
        ...{ name: 'from kernel to file, as many events as a program can make', value: most.recordedPerSecond },
        ...{ unit: 'events/s', note: `it made ${count(most.madePerSecond)} events/s; median of ${rounds}` },
      },
      { name: 'dropped of these', value: most.dropped, unit: `of ${count(most.made)}` },
      {
        ...{
          name: 'neither recorded nor counted as dropped',
          value: paced.uncounted + most.uncounted + trips.uncounted,
        },
        ...{ unit: `of ${count(paced.made + most.made + trips.made)}`, target: 0, atMost: true },
      },
      {
        ...{ name: 'from kernel to file, round trips over TCP', value: trips.recordedPerSecond, unit: 'events/s' },
        note: `the program made ${count(trips.madePerSecond)} events/s, ${count(trips.dropped)} of ${count(trips.made)} dropped`,
      },
      {
        ...{ name: 'agent, most memory', value: Math.max(paced.peakBytes, most.peakBytes, trips.peakBytes) / 1e6 },
        ...{ unit: 'MB', target: 150, atMost: true, note: 'VmHWM, in all these runs' },
      },
    ];
  } finally {
    load.end();
    rmSync(folder, { recursive: true, force: true });
  }
}
