import type { CaptureProblem } from '../format/capture-problem';
import type { CaptureItem } from '../format/capture-reader';
import type { CaptureWriter } from '../format/capture-writer';
import { countSpans } from '../report/capture-summary';

export interface Imported {
  readonly events: number;
  /** Reported by applications. */
  readonly spans: number;
  /** What of the source could not be read. */
  readonly problems: readonly CaptureProblem[];
}

/**
 * Writes the items of a packet file, or of spans in OTLP, as a Causeway capture, and ends it. `afterEach` may throw to stop;
 * `position`: bytes of the source that were read.
 */
export async function importItems(
  items: AsyncIterable<CaptureItem>,
  writer: CaptureWriter,
  afterEach: (position: number) => Promise<void>,
): Promise<Imported> {
  const problems: CaptureProblem[] = [];
  let [events, spans] = [0, 0];
  for await (const item of items) {
    if (item.kind === 'damage') problems.push(item.problem);
    if (item.kind === 'events') events += item.block.count;
    if (item.kind === 'thirdPartySpans') spans += countSpans(item.spans);
    writeItem(writer, item);
    await afterEach(item.to);
  }
  writer.end();
  return { events, spans, problems };
}

function writeItem(writer: CaptureWriter, item: CaptureItem): void {
  switch (item.kind) {
    case 'header':
      writer.writeHeader(item.header);
      break;
    case 'events':
      writer.writeEvents(item.block.raw);
      break;
    case 'thirdPartySpans':
      writer.writeThirdPartySpans(item.spans);
      break;
    case 'loss':
      writer.writeLoss(item.loss);
      break;
    default:
      // These sources give nothing else but damage, which is told.
      break;
  }
}
