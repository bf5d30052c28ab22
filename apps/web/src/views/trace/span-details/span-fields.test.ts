import { testAppSpan, testSpan } from '@causeway/core/testing';
import { expect, it } from 'vitest';
import type { HostTags } from '../../../api/contract';
import { traceViewOf } from '../test-trace-view';
import { spanFields } from './span-fields';

const tags: HostTags = {
  ...{ hostId: testSpan().hostId, host: { 'os.type': 'linux' }, labels: { team: 'shop' } },
  groups: [
    { pids: [7], attributes: { 'container.id': 'c0ffee', 'k8s.pod.name': 'web-1' } },
    { pids: [8], attributes: { 'container.id': 'another' } },
  ],
};

function groupsOf(span: Parameters<typeof spanFields>[0]) {
  const view = traceViewOf([span], { tags: [tags], hostNames: { [span.hostId]: 'box' } });
  return Object.fromEntries(
    spanFields(span, view).map(({ title, fields }) => [title, fields.map(({ name, value }) => `${name}=${value}`)]),
  );
}

it('shows the tags of the host and of the container that the process runs in', () => {
  const groups = groupsOf(testSpan({ pid: 7 }));
  expect(groups.Container).toEqual(['container.id=c0ffee', 'k8s.pod.name=web-1']);
  expect(groups.Labels).toEqual(['team=shop']);
  expect(groups.Host).toEqual(['os.type=linux']);
  expect(groups.Process).toContain('Host=box');
});

it('shows no container of a process that is in none, and no tags of another host', () => {
  expect(groupsOf(testSpan({ pid: 9 })).Container).toBeUndefined();
  expect(groupsOf(testSpan({ pid: 7, host: 'elsewhere' }))).not.toHaveProperty('Labels');
});

it('shows what an application reported, and looks its process up by no number of its own', () => {
  const span = {
    ...testAppSpan({ pid: 7 }),
    ...{ name: 'charge card', instance: 'shop-2', traceState: 'a=1' },
    ...{ attributes: { 'order.id': 4711, retried: false }, resourceAttributes: { 'service.version': '2' } },
    reportedLinks: [{ traceId: 't1', spanId: 's1' }],
  };
  const groups = groupsOf(span);
  expect(groups.Attributes).toEqual(['order.id=4711', 'retried=false']);
  expect(groups.Resource).toEqual(['service.version=2']);
  expect(groups.Process).toEqual(expect.arrayContaining(['Span name=charge card', 'Instance=shop-2']));
  expect(groups.Context).toEqual(expect.arrayContaining(['Trace state=a=1', 'Links to=span s1 of trace t1']));
  expect(groups.Container).toBeUndefined();
});
