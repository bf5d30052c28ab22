import { DEFAULT_ASSEMBLY_OPTIONS, PARENT_RULE_TABLE, type RuleId, type Score, scoreAssembly } from '@causeway/core';
import { EPOCH } from '../loop/host-clocks';
import { mistakeLines, type ScoreText, scoreText } from '../report/score-text';
import { type CommandStreams, type ExitStatus, LineOutput } from './output';
import { OwnProtocols, type ProtocolOptions } from './own-protocols';
import { readSpans } from './read-spans';

export interface ScoreCommandOptions extends CommandStreams, ProtocolOptions {
  /** The report as one JSON object; wrong links, if asked for, one object a line after it. */
  readonly json?: boolean;
  /** Takes the X-Request-IDs away too. */
  readonly hideXRequestId?: boolean;
  readonly disableRule?: readonly RuleId[];
  /** How many wrong and missing links to list, those first that were called exact or most probable. Default 0. */
  readonly wrong?: number;
}

/**
 * `causeway score`: hides the trace context that programs handed on in band, assembles one or more captures together, and
 * compares the links with that context.
 */
export async function runScore(paths: readonly string[], options: ScoreCommandOptions = {}): Promise<ExitStatus> {
  const errors = new LineOutput(options.stderr ?? process.stderr);
  const own = await OwnProtocols.load(options.protocol, errors);
  if (own === undefined) return 2;
  const output = new LineOutput(options.stdout ?? process.stdout);
  const { spans, replay, status: read } = await readSpans(paths, own, errors);
  let status = read;
  if (status !== 2) {
    const score = scoreAssembly(spans, {
      assembly: { ...DEFAULT_ASSEMBLY_OPTIONS, disabledRules: new Set(options.disableRule) },
      xRequestIds: options.hideXRequestId ?? false,
    });
    if (score.report.links === 0) {
      errors.line('causeway: no call of these captures carries trace context, so there is nothing to compare with');
      status = 1;
    }
    const text: ScoreText = { spans, origin: replay.timeOrigin ?? EPOCH, ruleName };
    for (const line of linesOf(score, text, options)) {
      if (output.closed) break;
      output.line(line);
      await output.settle();
    }
  }
  if (own.tellErrors(errors) && status === 0) status = 1;
  await output.end();
  await errors.end();
  return status;
}

function* linesOf(score: Score, text: ScoreText, { json, wrong = 0 }: ScoreCommandOptions): Generator<string> {
  if (json) {
    yield JSON.stringify(score.report);
    for (const { child, link, trueParent, concurrency } of score.wrong.slice(0, wrong)) {
      yield JSON.stringify({ kind: 'wrong', ...link, child: child.id, trueParent, concurrency });
    }
    return;
  }
  yield* scoreText(score.report, text);
  if (wrong > 0) yield* mistakeLines(score, wrong, text);
}

function ruleName(id: RuleId): string {
  const rule = PARENT_RULE_TABLE[id];
  return rule === 'not-built' ? id : rule.name;
}
