import type { Span } from '@causeway/core';
import { createReplay, type Replay } from '../loop/replay';
import type { ExitStatus, LineOutput } from './output';
import type { OwnProtocols } from './own-protocols';
import { readFiles } from './read-files';

export interface SpansOfFiles {
  readonly spans: readonly Span[];
  /** At its end, unless the status is 2. */
  readonly replay: Replay;
  readonly status: ExitStatus;
}

/** Replays the files together, to all of their spans. */
export async function readSpans(
  paths: readonly string[],
  own: OwnProtocols,
  errors: LineOutput,
): Promise<SpansOfFiles> {
  const spans: Span[] = [];
  const replay = createReplay({
    onSpan: (span) => spans.push(span),
    ownParsers: own.ownParsers,
    onParserError: own.onParserError,
  });
  const status = await readFiles(paths, errors, (item) => {
    replay.push(item);
    return undefined;
  });
  if (status !== 2) replay.end();
  return { spans, replay, status };
}
