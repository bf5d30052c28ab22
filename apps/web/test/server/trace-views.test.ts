import {
  assembleRelated,
  collectRelatedSpans,
  createSpanIndex,
  DEFAULT_ASSEMBLY_OPTIONS,
  runWithIndex,
  type Span,
} from '@causeway/core';
import { captureOf, eventBlockFromRows, requestRows } from '@causeway/replay/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RelatedSpansView, TraceList, TraceView } from '../../src/api/contract';
import { startTestServer, type TestServer, temporaryFolder, uploadSettled } from './harness';

const FIRST = 1_000_100_000n;
const SECOND = 1_900_000_000n;
/** Of the program in `requestRows`. */
const PID = 10;

let server: TestServer;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let path: string;
let views: TraceView[];

/** Two requests whose sequence numbers happen to be the same; events were dropped while the second was handled. */
const bytes = captureOf((writer) => {
  writer.writeTags({
    time: 1_000_000_000n,
    host: { 'host.name': 'box', 'os.type': 'linux' },
    labels: { team: 'shop' },
    groups: [
      { pids: [PID, 77], attributes: { 'container.id': 'c0ffee' } },
      { pids: [78], attributes: { 'container.id': 'another' } },
    ],
  });
  writer.writeEvents(eventBlockFromRows([...requestRows(0, FIRST), ...requestRows(1, SECOND)]));
  writer.writeLoss({ from: SECOND, to: SECOND + 50_000n, ringDrops: [0, 7], truncatedPayloads: 0 });
  writer.writeLoss({ from: SECOND + 50_000n, to: SECOND + 60_000n, ringDrops: [0, 0], truncatedPayloads: 0 });
});

beforeAll(async () => {
  folder = await temporaryFolder();
  server = await startTestServer(folder.path);
  const capture = await uploadSettled(server, 'shop.causeway.msgpack', bytes);
  path = `/api/captures/${capture.id}/traces`;
  const { traces } = (await server.call<TraceList>('GET', `${path}?sort=start`)).body;
  views = await Promise.all(traces.map(async ({ id }) => (await server.call<TraceView>('GET', `${path}/${id}`)).body));
});
afterAll(async () => {
  await server.close();
  await folder.remove();
});

describe('a trace', () => {
  it('says of what it lacks whether events were dropped then', () => {
    const dropped = views.map(({ root, missing }) =>
      missing
        .find(({ span, what }) => span === root && what === 'parent')
        ?.signs.filter(({ kind }) => kind === 'events-dropped'),
    );
    expect(dropped).toEqual([[], [{ kind: 'events-dropped', events: 7 }]]);
  });

  it('brings the tags of its host and processes, and of no other', () => {
    expect(views[0]!.tags).toEqual([
      {
        hostId: views[0]!.spans[0]!.hostId,
        host: { 'host.name': 'box', 'os.type': 'linux' },
        labels: { team: 'shop' },
        groups: [{ pids: [PID], attributes: { 'container.id': 'c0ffee' } }],
      },
    ]);
    expect(views[0]!.growing).toBe(false);
  });

  it('says which related trees were left out and by which key they were found', () => {
    for (const [at, view] of views.entries()) {
      const other = views[1 - at]!;
      expect(view.pruned).toEqual([
        {
          root: other.root,
          spanCount: other.spans.length,
          why: expect.objectContaining({ root: other.root, kind: 'tcp-seq' }),
        },
      ]);
      expect(view.prunedSpans).toBe(other.spans.length);
      const named = [view.pruned[0]!.root, view.pruned[0]!.why.span];
      expect(view.outside.map(({ id }) => id)).toEqual(expect.arrayContaining(named));
    }
  });

  it('can be assembled from its related spans as the server did', async () => {
    const { body } = await server.call<RelatedSpansView>('GET', `${path}/${views[0]!.root}/related`);
    const index = createSpanIndex(body.spans);
    const start = index.get(body.start) as Span;
    expect(body).toMatchObject({ start: views[0]!.root, omitted: 0, losses: [{ events: 7 }] });
    expect(runWithIndex(collectRelatedSpans(start, DEFAULT_ASSEMBLY_OPTIONS), index).rounds).toEqual(views[0]!.rounds);
    const traces = assembleRelated(index, start);
    expect(traces.map(({ root, spans }) => ({ root, spans }))).toEqual(
      views.map(({ root, spans }) => ({ root, spans })),
    );
    expect((await server.call('GET', `${path}/nobody/related`)).status).toBe(404);
  });
});
