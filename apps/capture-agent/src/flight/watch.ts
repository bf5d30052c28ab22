import type { Span } from '@causeway/core';
import { CaptureReader, createReplay } from '@causeway/replay';
import { loadProtocolModules, nodeCodec } from '@causeway/replay/node';
import { meets, occasionText, parseTrigger } from './trigger';

/**
 * Replays the capture that arrives on standard input and prints a line for each span that meets a trigger. It runs as a
 * process of its own: understanding requests costs more than copying them, and recording must not wait for it.
 */
export async function watch(texts: readonly string[], modules: readonly string[] = []): Promise<number> {
  const protocols = await loadProtocolModules(modules);
  if ('problem' in protocols) {
    process.stderr.write(`--protocol ${protocols.path}: ${protocols.problem}\n`);
    return 2;
  }
  const triggers = texts.map(parseTrigger);
  // The recorder ends it by closing its input, so that what was recorded until then is looked at.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  const onSpan = (span: Span) => {
    if (triggers.some((trigger) => meets(span, trigger))) process.stdout.write(`${occasionText(span)}\n`);
  };
  const reader = new CaptureReader(nodeCodec);
  const replay = createReplay({ onSpan, ownParsers: protocols.parsers });
  for await (const chunk of process.stdin) for (const item of reader.push(chunk as Buffer)) replay.push(item);
  return 0;
}
