import {
  type AssembledTrace,
  type AssemblyOptions,
  assembleAll,
  attributeCalls,
  type Coverage,
  createSpanIndex,
  type HostClock,
  hostClocksOf,
  PARENT_RULE_TABLE,
  type RuleId,
  type SpanIndex,
  settleHost,
  type TimeOrigin,
} from '@causeway/core';
import { EPOCH } from '../loop/host-clocks';
import type { Replay } from '../loop/replay';
import { clockText } from '../report/clock-text';
import { coverageText } from '../report/coverage-text';
import { clockLine, coverageLine, linkLine, spanLine, spanLinkLine, traceLine } from '../report/json-lines';
import { renderTraceTree } from '../report/trace-tree';
import { type AssemblyFlags, assemblyOptions } from './assembly-flags';
import { type CommandStreams, type ExitStatus, LineOutput } from './output';
import { OwnProtocols, type ProtocolOptions } from './own-protocols';
import { readSpans } from './read-spans';

export interface ReplayCommandOptions extends CommandStreams, ProtocolOptions, AssemblyFlags {
  /** One JSON object a line: all spans, links, traces, and what was covered. Default: a tree for each trace. */
  readonly json?: boolean;
}

/** `causeway replay`: assembles the traces of one or more captures, those of several hosts together. */
export async function runReplay(paths: readonly string[], options: ReplayCommandOptions = {}): Promise<ExitStatus> {
  const errors = new LineOutput(options.stderr ?? process.stderr);
  const assembly = readFlags(options, errors);
  const own = assembly && (await OwnProtocols.load(options.protocol, errors));
  if (own === undefined) {
    await errors.end();
    return 2;
  }
  const output = new LineOutput(options.stdout ?? process.stdout);
  const { spans, replay, status } = await readSpans(paths, own, errors);
  if (status !== 2) {
    const index = createSpanIndex(attributeCalls(spans.map((span) => settleHost(span, replay.hosts))));
    const traces = assembleAll(index, assembly);
    const origin = replay.timeOrigin ?? EPOCH;
    const coverage = replay.coverage();
    const clocks = [...hostClocksOf(traces).values()];
    const lines = options.json
      ? jsonLines(traces, clocks, origin, coverage)
      : treeLines(traces, index, clocks, replay.hosts, origin, coverage);
    for (const line of lines) {
      if (output.closed) break;
      output.line(line);
      await output.settle();
    }
  }
  const failed = own.tellErrors(errors);
  await output.end();
  await errors.end();
  return status === 0 && failed ? 1 : status;
}

/** Nothing when a flag cannot be read, which has been said then. */
function readFlags(flags: AssemblyFlags, errors: LineOutput): AssemblyOptions | undefined {
  try {
    return assemblyOptions(flags);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    errors.line(error.message);
    return undefined;
  }
}

function* jsonLines(
  traces: readonly AssembledTrace[],
  clocks: readonly HostClock[],
  origin: TimeOrigin,
  coverage: Coverage,
): Generator<string> {
  for (const { spans } of traces) for (const span of spans) yield spanLine(span, origin);
  for (const { spans, links } of traces) {
    for (const { id } of spans) {
      const link = links.get(id);
      if (link) yield linkLine(link, ruleName(link.rule));
    }
  }
  for (const { spans, spanLinks } of traces) {
    const own = new Set(spanLinks.length === 0 ? [] : spans.map((span) => span.id));
    // A link between two traces stands in both: it is told with the producer's.
    for (const link of spanLinks) if (own.has(link.from)) yield spanLinkLine(link, ruleName(link.rule));
  }
  for (const trace of traces) yield traceLine(trace);
  for (const clock of clocks) yield clockLine(clock);
  yield coverageLine(coverage);
}

function* treeLines(
  traces: readonly AssembledTrace[],
  index: SpanIndex,
  clocks: readonly HostClock[],
  hosts: Replay['hosts'],
  origin: TimeOrigin,
  coverage: Coverage,
): Generator<string> {
  for (const trace of traces) {
    yield renderTraceTree(trace, { origin, ruleName, spanOf: (id) => index.get(id) });
    yield '';
  }
  for (const clock of clocks) yield clockText(clock, hosts);
  yield* coverageText(coverage, traces.length);
}

function ruleName(id: RuleId): string {
  const rule = PARENT_RULE_TABLE[id];
  return rule === 'not-built' ? id : rule.name;
}
