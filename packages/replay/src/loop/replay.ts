import {
  type Coverage,
  createPipeline,
  type PipelineOptions,
  type PipelineOutput,
  type TimeOrigin,
} from '@causeway/core';
import type { CaptureItem } from '../format/capture-reader';
import { HostClocks } from './host-clocks';

export interface ReplayOptions extends PipelineOutput, PipelineOptions {
  /** What time 0 stands for. Default: midnight UTC of the first header's day. */
  readonly timeOrigin?: TimeOrigin;
}

/** Feeds captures, live or from files, to core: items of a `CaptureReader` in, messages and spans out. */
export interface Replay {
  /** Known once the first header was pushed, or given. */
  readonly timeOrigin: TimeOrigin | undefined;
  push(item: CaptureItem): void;
  /** Closes what is still open. Nothing may be pushed afterwards. */
  end(): void;
  coverage(): Coverage;
}

export function createReplay(options: ReplayOptions): Replay {
  const pipeline = createPipeline(options, options);
  const clocks = new HostClocks(options.timeOrigin);
  return {
    get timeOrigin() {
      return clocks.timeOrigin;
    },
    push(item) {
      switch (item.kind) {
        case 'header':
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
        case 'loss':
          pipeline.loss(
            item.hostId,
            item.loss.ringDrops.reduce((sum, drops) => sum + drops, item.loss.spoolDrops ?? 0),
          );
          break;
        default:
          // Annotations, indexes and damage are for whoever reads the items; they bring no events.
          break;
      }
    },
    end: () => pipeline.end(),
    coverage: () => pipeline.coverage(),
  };
}
