import type { CaptureEvent } from '@causeway/core';
import type { ColumnarBlock } from '../format/columnar-block';
import { readEvent } from '../format/read-event';
import { CaptureSummary } from '../report/capture-summary';
import { captureSummaryText } from '../report/capture-summary-text';
import { eventJsonLine, eventLine } from '../report/event-line';
import { type CommandStreams, type ExitStatus, LineOutput } from './output';
import { readFiles } from './read-files';

export interface InspectOptions extends CommandStreams {
  readonly json?: boolean;
  /** List the events, one a line, instead of the summary. */
  readonly events?: boolean;
}

/** `causeway inspect`: what a capture is made of, or its events. */
export async function runInspect(path: string, options: InspectOptions = {}): Promise<ExitStatus> {
  const output = new LineOutput(options.stdout ?? process.stdout);
  const errors = new LineOutput(options.stderr ?? process.stderr);
  const summary = new CaptureSummary();
  const write = options.json ? eventJsonLine : eventLine;
  const status = await readFiles([path], errors, async (item) => {
    summary.add(item);
    if (item.kind === 'events' && options.events) await listEvents(item.block, summary, write, output);
    return output.closed ? 'stop' : undefined;
  });
  if (!options.events && status !== 2) {
    const lines = options.json ? [JSON.stringify(summary.json())] : captureSummaryText(summary, path);
    for (const line of lines) output.line(line);
  }
  await output.end();
  await errors.end();
  return status;
}

async function listEvents(
  block: ColumnarBlock,
  summary: CaptureSummary,
  write: (event: CaptureEvent, epoch: (offset: number) => bigint) => string,
  output: LineOutput,
): Promise<void> {
  const base = summary.epoch(block.raw.base);
  for (let i = 0; i < block.count && !output.closed; i++) {
    // timeShift is 0: times are offsets from the block's base.
    output.line(write(readEvent(block, i), (offset) => base + BigInt(Math.round(offset))));
    await output.settle();
  }
}
