import type { CaptureHeader, ResourceAttributes } from '../format/payloads';
import type { CaptureSummary } from './capture-summary';
import { alignColumns, cut, oneLine } from './columns-text';
import { endpointText } from './endpoint-text';
import { bytesText, countOf, countText, dateTimeText, durationText, timeOfDayText } from './time-text';

/** Longer tables show their first rows and say how many there are. */
const MAX_FRAMES = 40;
const MAX_SOCKETS = 20;
const MAX_TAG_ROWS = 20;
const MAX_SERVICES = 20;

/** A step of the wall clock that is worth a word. */
const CLOCK_STEP = 1_000_000n;

/** The summary for a person, line by line. */
export function captureSummaryText(summary: CaptureSummary, path: string): string[] {
  const bytes = summary.frames.reduce((sum, frame) => sum + frame.bytes, 0);
  const spans = summary.spanCount > 0 ? `${countOf(summary.spanCount, 'application span')} and ` : '';
  const title = `${path}: ${spans}${countOf(summary.eventCount, 'event')} in ${countOf(summary.frames.length, 'frame')}, ${bytesText(bytes)}`;
  return [
    title,
    ...recordings(summary.headers).flatMap(section),
    ...tagLines(summary),
    ...totals(summary),
    ...services(summary),
    ...events(summary),
    ...sockets(summary),
    ...frames(summary),
  ];
}

/** A recording that went through several files has a section for each; they are one to who reads this. */
function recordings(headers: readonly CaptureHeader[]): CaptureHeader[][] {
  const found = new Map<string, CaptureHeader[]>();
  for (const header of headers) {
    const key = `${header.captureId} ${header.hostId}`;
    const sections = found.get(key);
    if (sections) sections.push(header);
    else found.set(key, [header]);
  }
  return [...found.values()];
}

function section(sections: readonly CaptureHeader[]): string[] {
  const header = sections[0]!;
  const { filters } = header;
  const wanted = [
    filters.all ? 'everything' : undefined,
    filters.pids && `pid ${filters.pids.join(', ')}`,
    filters.comms && `comm ${filters.comms.join(', ')}`,
    filters.cgroups && `control group ${filters.cgroups.join(', ')}`,
    filters.ports && `port ${filters.ports.join(', ')}`,
    filters.protocols && `only ${filters.protocols.join(', ')}`,
    filters.endpoints && `only ${filters.endpoints.join(', ')}`,
    filters.excludedEndpoints && `no ${filters.excludedEndpoints.join(', ')}`,
    filters.excludedPorts && `no port ${filters.excludedPorts.join(', ')}`,
    filters.networks && `network ${filters.networks.join(', ')}`,
    filters.command && `command ${filters.command.join(' ')}`,
  ].filter((part) => part !== undefined);
  const lines = [
    ['host', hostText(header)],
    ['capture', `${header.captureId}, ${header.producer} ${header.producerVersion}, format ${header.version}`],
    ['started', dateTimeText(header.realtime)],
    ...(sections.length > 1
      ? [['sections', `${sections.length}, the last one begun ${dateTimeText(sections.at(-1)!.realtime)}`]]
      : []),
    ['recorded', wanted.length > 0 ? wanted.join('; ') : 'no filter noted'],
    ['payload', header.payloadLimit > 0 ? `${bytesText(header.payloadLimit)} a call` : 'none'],
    ...(header.hooks === undefined ? [] : [['seen', HOOKS_TEXT[header.hooks]]]),
    ...(header.redactions.length > 0 ? [['taken out', header.redactions.join('; ')]] : []),
  ];
  return ['', ...alignColumns(lines.map((line) => line.map((cell) => cut(oneLine(cell), 140))))];
}

const HOOKS_TEXT = {
  sockets: 'calls at the sockets, with one time each',
  calls: 'system calls, with begin and end',
} as const;

/** Packet captures and spans in OTLP tell of no host. */
function hostText({ hostName, kernel, architecture, hostId }: CaptureHeader): string {
  if (hostName === '' && kernel === '') return `not known: nothing was recorded on a host, called ${hostId}`;
  return `${hostName}, ${kernel} ${architecture}, boot ${hostId}`;
}

function tagLines({ tags }: CaptureSummary): string[] {
  const rows = [...tags.values()].flatMap(({ host, labels, groups }) => [
    ['host tags', attributesText(host)],
    ['labels', attributesText(labels)],
    ...groups.map(({ pids, attributes }) => [countOf(pids.length, 'process', 'processes'), attributesText(attributes)]),
  ]);
  const table = rows.filter(([, text]) => text !== '').map((row) => row.map((cell) => cut(oneLine(cell!), 140)));
  return table.length === 0
    ? []
    : ['', ...alignColumns(table.slice(0, MAX_TAG_ROWS)), ...more(table.length - MAX_TAG_ROWS)];
}

const attributesText = (attributes: ResourceAttributes) =>
  Object.entries(attributes)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');

function totals(summary: CaptureSummary): string[] {
  const { firstTime, lastTime } = summary;
  const drops = summary.ringDrops.reduce((sum, count) => sum + (count ?? 0), 0);
  const byCpu = [...summary.ringDrops.entries()].filter(([, count]) => count > 0);
  const perCpu = byCpu.map(([cpu, count]) => `CPU ${cpu}: ${countText(count)}`).join(', ');
  const lines = [
    ['time', timeRange(firstTime, lastTime)],
    ['payload kept', bytesText(summary.payloadBytes)],
    ['dropped', drops === 0 ? 'no event' : `${countOf(drops, 'event')} (${perCpu})`],
    ['cut', `${countOf(summary.truncatedPayloads, 'call')} with more payload than the limit`],
  ];
  if (summary.shedPayloadBytes > 0)
    lines.push(['not kept', `${bytesText(summary.shedPayloadBytes)} of payload that the agent had no room for`]);
  if (summary.spoolDrops > 0)
    lines.push(['not kept', `${countOf(summary.spoolDrops, 'event')} that the agent had no room for`]);
  if (summary.splicedBytes > 0) lines.push(['not seen', `${bytesText(summary.splicedBytes)} moved by splice`]);
  if (summary.packetDrops > 0) {
    lines.push(['not seen', `${countOf(summary.packetDrops, 'packet')} that came too fast`]);
  }
  if (summary.tlsUnplacedBytes > 0) {
    lines.push([
      'not seen',
      `${countOf(summary.tlsUnplacedBytes, 'byte')} of TLS plaintext whose socket was not known`,
    ]);
  }
  if (summary.ioUringRequests > 0) {
    lines.push(['not seen', `${countOf(summary.ioUringRequests, 'request')} made through io_uring`]);
  }
  if (summary.filteredEvents !== undefined)
    lines.push(['left out', `${countOf(summary.filteredEvents, 'event')} by the filter`]);
  if (summary.clockStep >= CLOCK_STEP) {
    lines.push([
      'clock',
      `the wall clock was stepped by ${durationText(Number(summary.clockStep))}; times keep the first`,
    ]);
  }
  return ['', ...alignColumns(lines)];
}

function timeRange(first: bigint | undefined, last: bigint | undefined): string {
  if (first === undefined || last === undefined) return 'no event';
  return `${dateTimeText(first)} … ${timeOfDayText(last)}, ${durationText(Number(last - first))}`;
}

function services(summary: CaptureSummary): string[] {
  const rows = [...summary.reportedSpans].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  if (rows.length === 0) return [];
  const table = rows.slice(0, MAX_SERVICES).map(([name, count]) => [cut(oneLine(name), 60), countText(count)]);
  return ['', ...alignColumns([['application spans', ''], ...table], [1]), ...more(rows.length - MAX_SERVICES)];
}

function events(summary: CaptureSummary): string[] {
  const rows = [...summary.events].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  if (rows.length === 0) return [];
  return ['', ...alignColumns([['events', ''], ...rows.map(([name, count]) => [name, countText(count)])], [1])];
}

function sockets(summary: CaptureSummary): string[] {
  const rows = [...summary.sockets.values()].sort(
    (a, b) => b.bytesIn + b.bytesOut - a.bytesIn - a.bytesOut || (a.socket.id < b.socket.id ? -1 : 1),
  );
  if (rows.length === 0) return [];
  const table = rows
    .slice(0, MAX_SOCKETS)
    .map(({ socket, ...row }) => [
      socket.id,
      socket.transport,
      endpointText(socket.local),
      endpointText(socket.remote),
      socket.role,
      countText(row.events),
      bytesText(row.bytesIn),
      bytesText(row.bytesOut),
      socket.preexisting ? 'older than the capture' : '',
    ]);
  const head = ['sockets', '', 'local', 'remote', 'role', 'events', 'in', 'out', ''];
  return ['', ...alignColumns([head, ...table], [5, 6, 7]), ...more(rows.length - MAX_SOCKETS)];
}

function frames(summary: CaptureSummary): string[] {
  if (summary.frames.length === 0) return [];
  const table = summary.frames
    .slice(0, MAX_FRAMES)
    .map((frame) => [
      frame.kind,
      countText(frame.offset),
      bytesText(frame.bytes),
      frame.events > 0 ? countText(frame.events) : '',
      frame.first === undefined ? '' : timeOfDayText(frame.first),
      frame.last === undefined || frame.last === frame.first ? '' : timeOfDayText(frame.last),
    ]);
  const head = ['frames', 'at byte', 'size', 'events', 'from', 'to'];
  return ['', ...alignColumns([head, ...table], [1, 2, 3]), ...more(summary.frames.length - MAX_FRAMES)];
}

function more(count: number): string[] {
  return count > 0 ? [`… and ${countText(count)} more`] : [];
}
