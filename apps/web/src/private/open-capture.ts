import {
  assembleAll,
  attributedCalls,
  createSpanIndex,
  type MemorySpanIndex,
  type ProtocolParser,
} from '@causeway/core';
import { EventFrameLog, pickEvents, readCapture } from '@causeway/replay';
import { CaptureReading } from '../answers/capture-reading';
import type { CaptureRecord } from '../answers/capture-record';
import { summariseServices } from '../answers/service-summary';
import type { ReadSpanEvents } from '../answers/span-events';
import { adoptSpan, spanSources } from '../answers/span-sources';
import { type StoredTrace, storedTrace } from '../answers/stored-trace';
import type { Progress } from './messages';
import { bytesOf, captureBytes, chunksOf, type PrivateFile } from './private-file';

/** Progress that making a capture of another file stands for, and reading it; the rest is assembly. */
const IMPORT_SHARE = 0.4;
const READING_SHARE = 0.8;

/** A capture that is read: all of it is in memory but for its bytes. */
export interface OpenCapture {
  readonly record: CaptureRecord;
  readonly index: MemorySpanIndex;
  readonly traces: readonly StoredTrace[];
  readonly readEvents: ReadSpanEvents;
}

/** Reads a file as the server's ingest does. */
export async function openCapture(
  file: PrivateFile,
  ownParsers: readonly ProtocolParser[],
  onProgress: (progress: Progress) => void,
): Promise<OpenCapture> {
  const index = createSpanIndex();
  const tell = (share: number, doing: Progress['doing'] = 'reading'): void =>
    onProgress({ doing, share, spans: index.size });
  const { bytes, damage } = await captureBytes(file, (at) => tell((at / file.file.size) * IMPORT_SHARE));
  const begun = file.importable ? IMPORT_SHARE : 0;
  const reading = new CaptureReading(ownParsers, (span) => index.add([span]), damage);
  const frames = new EventFrameLog();
  for await (const item of readCapture(chunksOf(bytes))) {
    reading.push(item);
    frames.push(item);
    tell(begun + (reading.position / bytes.size) * (READING_SHARE - begun));
  }
  reading.end();
  tell(READING_SHARE, 'assembling');
  index.replace(attributedCalls(index.all()));
  const traces = Array.from(assembleAll(index), (trace) => storedTrace(trace, reading.timeOrigin));
  const { header, coverage, losses, tags, startedNs, endedNs, damage: found } = reading.facts();
  const record: CaptureRecord = {
    id: file.id,
    name: file.name,
    origin: 'upload',
    state: 'ready',
    progress: 1,
    problem: found[0],
    sizeBytes: file.file.size,
    header,
    coverage,
    damage: found,
    losses,
    tags,
    services: summariseServices(index.all()),
    timeOrigin: reading.timeOrigin,
    startedNs,
    endedNs,
    eventCount: coverage.events,
    spanCount: index.size,
    traceCount: traces.length,
    errorTraceCount: traces.filter(({ row }) => row.hasError).length,
    createdAt: new Date().toISOString(),
  };
  settleHosts(index, record);
  return {
    record,
    index,
    traces,
    readEvents: (span) =>
      pickEvents((from, to) => bytesOf(bytes, from, to), [...span.requestEvents, ...span.responseEvents], frames),
  };
}

/** Once all headers are read: application spans that came before their host's learn which it is. */
function settleHosts(index: MemorySpanIndex, record: CaptureRecord): void {
  const { sources, hosts } = spanSources([record]);
  const spans = [...index.all()];
  const adopted = spans.map((span) => adoptSpan(span, sources[0]!, hosts));
  index.replace(adopted.filter((span, i) => span !== spans[i]));
}
