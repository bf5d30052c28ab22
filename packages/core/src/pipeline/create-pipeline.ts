import type { HostId } from '../base/brand';
import type { EventBlock } from '../event/event-block';
import type { StateSnapshot } from '../event/state';
import type { Coverage, Pipeline, PipelineOutput } from '../pipeline';
import { newCoverageCounters } from './coverage-counters';
import { HostPipeline } from './host-pipeline';

/** Makes a pipeline that reports to `output`, from within `push` and `end`. */
export function createPipeline(output: PipelineOutput): Pipeline {
  const coverage = newCoverageCounters();
  const hosts = new Map<HostId, HostPipeline>();

  function host(id: HostId): HostPipeline {
    let found = hosts.get(id);
    if (found === undefined) {
      found = new HostPipeline(id, output, coverage);
      hosts.set(id, found);
    }
    return found;
  }

  return {
    push: (block: EventBlock) => host(block.hostId).push(block),
    snapshot: (hostId: HostId, state: StateSnapshot) => host(hostId).snapshot(state),
    loss: (_hostId: HostId, droppedEvents: number) => {
      coverage.droppedEvents += droppedEvents;
    },
    end: () => {
      for (const each of hosts.values()) each.end();
    },
    coverage: (): Coverage => ({ ...coverage }),
  };
}
