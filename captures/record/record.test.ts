import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Span, scoreAssembly } from '@causeway/core';
import { createReplay, readCapture } from '@causeway/replay';
import { fileSource, nodeCodec } from '@causeway/replay/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT, Stage } from './stage.mjs';
import { missingFor, TRUTH_CASES } from './truth-cases.mjs';

const CASE = TRUTH_CASES['node-one-connection'];
const doctor = spawnSync('node', ['apps/capture-agent/bin/causeway.mjs', 'doctor', '--json'], { cwd: ROOT });
const lacking = [...(doctor.status === 0 ? [] : ['what causeway doctor asks for']), ...missingFor(CASE)].join(', ');

describe.skipIf(lacking !== '')(`a case with trace context, recorded now${lacking && ` (lacking: ${lacking})`}`, () => {
  let folder: string;
  const spans: Span[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'causeway-truth-'));
    const file = join(folder, 'case.causeway.msgpack');
    const stage = await Stage.open();
    try {
      await CASE.record(stage, file, { concurrency: 2, requests: 11 });
    } finally {
      await stage.close();
    }
    const replay = createReplay({
      onSpan: (span) => spans.push(span),
    });
    for await (const item of readCapture(fileSource(file), nodeCodec)) replay.push(item);
    replay.end();
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('holds each request of the client, and what every program made of it', () => {
    const handled = (comm: string, protocol: string) =>
      spans.filter(
        (span) => span.type === 'sys' && span.tapSide === 's-p' && span.comm === comm && span.protocol === protocol,
      );
    expect(handled('nginx', 'http')).toHaveLength(11);
    expect(handled('node', 'http').length).toBeGreaterThan(22);
    expect(handled('postgres', 'postgresql').length).toBeGreaterThan(10);
    expect(handled('redis-server', 'redis').length).toBeGreaterThan(10);
  });

  it('tells the true parent of every hop but the client’s own calls', () => {
    const told = spans.filter((span) => span.type === 'sys' && (span.spanId ?? span.resource?.includes('b3=')));
    expect(scoreAssembly(spans).report.links).toBe(told.length - 11);
  });
});
