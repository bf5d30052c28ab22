import type { HostId } from '../base/brand';
import type { EventBlock } from '../event/event-block';
import type { StateSnapshot } from '../event/state';
import type { Coverage, Pipeline, PipelineOptions, PipelineOutput } from '../pipeline';
import { guarded } from '../protocol/guarded-parser';
import { BUILT_IN_PARSERS, ParserSet } from '../protocol/parser-set';
import type { ProtocolParser } from '../protocol/protocol-parser';
import { newCoverageCounters } from './coverage-counters';
import { HostPipeline } from './host-pipeline';

/** Makes a pipeline that reports to `output`, from within `push` and `end`. */
export function createPipeline(output: PipelineOutput, { ownParsers = [] }: PipelineOptions = {}): Pipeline {
  const coverage = newCoverageCounters();
  const hosts = new Map<HostId, HostPipeline>();
  const guard = (parser: ProtocolParser) =>
    guarded(parser, (error) => {
      coverage.parserErrors += 1;
      output.onParserError?.(parser.protocol, error);
    });
  const parsers = ownParsers.length === 0 ? BUILT_IN_PARSERS : new ParserSet(ownParsers.map(guard));

  function host(id: HostId): HostPipeline {
    let found = hosts.get(id);
    if (found === undefined) {
      found = new HostPipeline(id, output, coverage, parsers);
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
