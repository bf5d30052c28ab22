import { assembleAll, assembleTrace, createSpanIndex, type SpanId } from '@causeway/core';
import { traceFromText } from '@causeway/core/testing';
import { describe, expect, it } from 'vitest';
import { Lab, type LabAnswer } from '../lab/lab-assembly';
import { USUAL } from '../lab/lab-options';
import { traceViewOf } from '../test-trace-view';
import { buildTraceModel, type TraceModel } from '../trace-model';
import { flowElements } from './flow-elements';
import { boxesOf, graphItems } from './graph-items';
import { layoutGraph } from './graph-layout';
import { queueDrawing } from './queue-ends';

const SPANS = traceFromText(`
  order     [----]                s-p shop     sys=1/3
  produce    [--]                 c-p shop     sys=1/3 seq=10/20 pub=position:orders/0@42
  stored      []                  s-p kafka@h2         seq=10/20 pub=position:orders/0@42
  fetch    [--------------]       c-p mail@h3  sys=7/8 seq=30/40 fetch=position:orders/0@42
  send                      [--]  c-p mail@h3  sys=8/9
`);
const INDEX = createSpanIndex(SPANS);
const id = (name: string) => name as SpanId;

function modelOf(name: string): TraceModel {
  const trace = assembleTrace(INDEX, INDEX.get(id(name))!);
  const { spans, spanLinks } = trace;
  return buildTraceModel(traceViewOf(spans, { links: [...trace.links.values()], spanLinks, outside: SPANS }));
}

function draw(model: TraceModel, lab?: LabAnswer) {
  const queue = queueDrawing(model);
  const items = graphItems(
    model.nodes.filter(({ parent }) => parent === undefined),
    new Set(),
    undefined,
    queue.endsAt,
  );
  const nothing = () => undefined;
  const { nodes, edges } = flowElements({
    ...{ place: { kind: 'captures', id: 'c' }, model, items, places: layoutGraph(items, 'depth'), axis: 'depth' },
    ...{ selectedSpan: undefined, selectedEdge: undefined, selectedLink: undefined, found: undefined },
    ...{ queue, lab, onLink: nothing, onSpan: nothing, onEdge: nothing, onOpen: nothing },
  });
  return {
    boxes: nodes.map((node) => `${node.type} ${node.id}`),
    lines: edges.map((edge) => {
      const what = edge.type === 'side' ? edge.data!.edge.kind : (edge.data as { link: { rule: string } }).link.rule;
      const back = edge.type === 'side' && edge.data!.backwards ? ' backwards' : '';
      return `${edge.source} ${what} ${edge.target}${back}`;
    }),
  };
}

describe('messages through a queue', () => {
  it('lead from the producer’s trace to a box of the consumer’s', () => {
    const { boxes, lines } = draw(modelOf('order'));
    expect(boxes).toContain('queue queue:produce~fetch');
    expect(lines).toContain('produce queue queue:produce~fetch');
  });

  it('and from the consumer’s to one of the producer’s, the arrow at the consumer', () => {
    const { boxes, lines } = draw(modelOf('fetch'));
    expect(boxes).toContain('queue queue:produce~fetch');
    expect(lines).toContain('fetch queue queue:produce~fetch backwards');
  });

  it('are drawn from box to box where both ends are in the picture', () => {
    const traces = assembleAll(INDEX);
    const view = {
      links: traces.flatMap((trace) => [...trace.links.values()]),
      spanLinks: traces[0]!.spanLinks,
    };
    const { boxes, lines } = draw(
      buildTraceModel(
        traceViewOf(
          traces.flatMap(({ spans }) => spans),
          view,
        ),
      ),
    );
    expect(boxes.filter((box) => box.startsWith('queue'))).toEqual([]);
    expect(lines).toContain('produce queue fetch');
  });
});

it('draws an edge that the lab has taken away, between the boxes that it joined', () => {
  const lab = new Lab({ start: id('order'), spans: SPANS, omitted: 0, losses: [] });
  const answer = lab.assemble({ options: { ...USUAL, off: ['R05'] }, others: false });
  const { lines } = draw(buildTraceModel({ ...traceViewOf(SPANS), ...answer.view }), answer);
  expect(lines).toContain('order gone produce');
  expect(lines).not.toContain('order R05 produce');
});

it('knows the box of a span that a closed group hides', () => {
  const many = traceFromText(
    ['in [--------] s-p a sys=1/2', ...Array.from({ length: 6 }, (_, i) => `c${i}    [--]   c-p a sys=1/2`)].join('\n'),
  );
  const [trace] = assembleAll(createSpanIndex(many));
  const model = buildTraceModel(traceViewOf(trace!.spans, { links: [...trace!.links.values()] }));
  const items = graphItems(model.nodes.slice(0, 1), new Set(), undefined);
  expect(items.map(({ kind }) => kind)).toEqual(['span', 'group']);
  expect(boxesOf(items).get(id('c3'))).toBe(items[1]!.id);
});
