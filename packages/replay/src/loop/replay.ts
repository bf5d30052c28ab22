import {
  appSpans,
  type Coverage,
  createPipeline,
  type HostId,
  type LossInterval,
  type Nanoseconds,
  type PipelineOptions,
  type PipelineOutput,
  settleHost,
  type TimeOrigin,
} from '@causeway/core';
import type { CaptureItem } from '../format/capture-reader';
import { HostClocks } from './host-clocks';

export interface ReplayOptions extends PipelineOutput, PipelineOptions {
  /** What time 0 stands for. Default: midnight UTC of the first header's day. */
  readonly timeOrigin?: TimeOrigin;
  /** Events of a host that the recorder dropped; told for each report that counts some. */
  onLoss?(loss: LossInterval): void;
}

/** Feeds captures, live or from files, to core: items of a `CaptureReader` in, messages and spans out. */
export interface Replay {
  /** Known once the first header was pushed, or given. */
  readonly timeOrigin: TimeOrigin | undefined;
  /**
   * The hosts by name, as the headers so far tell. Application spans name their host; those that came before the header of
   * theirs are for `settleHost`.
   */
  readonly hosts: ReadonlyMap<string, HostId>;
  push(item: CaptureItem): void;
  /** Closes what is still open. Nothing may be pushed afterwards. */
  end(): void;
  coverage(): Coverage;
}

export function createReplay(options: ReplayOptions): Replay {
  const pipeline = createPipeline(options, options);
  const clocks = new HostClocks(options.timeOrigin);
  const hosts = new Map<string, HostId>();
  let reportedSpans = 0;
  return {
    get timeOrigin() {
      return clocks.timeOrigin;
    },
    hosts,
    push(item) {
      switch (item.kind) {
        case 'header':
          // The first of a name stays: after a boot the host has another id.
          if (item.header.hostName !== '' && !hosts.has(item.header.hostName))
            hosts.set(item.header.hostName, item.hostId);
          clocks.observe(item.hostId, item.header);
          break;
        case 'clock':
          clocks.observe(item.hostId, item.clock);
          break;
        case 'events':
          item.block.timeShift = clocks.timeShift(item.hostId, item.block.raw.base);
          pipeline.push(item.block);
          break;
        case 'snapshot':
          pipeline.snapshot(item.hostId, item.snapshot.state);
          break;
        case 'loss': {
          const { hostId, loss } = item;
          const events = loss.ringDrops.reduce((sum, drops) => sum + drops, loss.spoolDrops ?? 0);
          pipeline.loss(hostId, events);
          const at = (monotonic: bigint) => clocks.timeShift(hostId, monotonic) as Nanoseconds;
          if (events > 0) options.onLoss?.({ hostId, from: at(loss.from), to: at(loss.to), events });
          break;
        }
        case 'thirdPartySpans':
          for (const span of appSpans(item.spans.resourceSpans, (epoch) => clocks.place(epoch))) {
            reportedSpans += 1;
            options.onSpan?.(settleHost(span, hosts));
          }
          break;
        default:
          // Annotations, indexes and damage are for whoever reads the items; they bring no events.
          break;
      }
    },
    end: () => pipeline.end(),
    coverage() {
      const coverage = pipeline.coverage();
      return { ...coverage, spans: coverage.spans + reportedSpans };
    },
  };
}
