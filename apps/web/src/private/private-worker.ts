import { loadParsers } from '@causeway/replay';
import { ApiFailure } from '../api/failure';
import type { FromPrivateWorker, Progress, ProtocolModule, ToPrivateWorker } from './messages';
import { answerPrivately } from './private-answers';
import type { PrivatePlace } from './private-place';
import { openPlaces, planPlace } from './private-places';

/**
 * Holds the files that a person opened privately, and answers about them as the server would. It is served with a policy
 * that forbids it any connection (docs/adr/0023), so what it reads stays here, whatever modules it runs.
 */
const PROGRESS_EVERY_MS = 100;

let places: ReadonlyMap<string, PrivatePlace> = new Map();

// The library of a window has no scope of workers; theirs takes no target.
const post = (message: FromPrivateWorker): void => (postMessage as (message: unknown) => void)(message);

addEventListener('message', ({ data }: MessageEvent<ToPrivateWorker>) => {
  if (data.kind === 'open') void open(data.files, data.modules);
  else void answer(data.key, data.path);
});

async function open(files: readonly File[], modules: readonly ProtocolModule[]): Promise<void> {
  try {
    const loaded = await loadParsers(modules.map(({ name, text }) => ({ path: name, load: () => run(text) })));
    if ('problem' in loaded) throw new ApiFailure(422, 'bad-module', `${loaded.path}: ${loaded.problem}.`);
    const planned = await planPlace(files);
    post({ kind: 'opening', place: planned.address, captures: planned.files.map(({ id }) => id) });
    places = await openPlaces(planned, loaded.parsers, nowAndThen(PROGRESS_EVERY_MS));
    post({ kind: 'opened' });
  } catch (error) {
    post({ kind: 'failed', error: told(error).error });
  }
}

async function answer(key: number, path: string): Promise<void> {
  try {
    post({ kind: 'answer', key, answer: await answerPrivately(places, path) });
  } catch (error) {
    post({ kind: 'refusal', key, ...told(error) });
  }
}

function told(error: unknown): { status: number; error: { code: string; message: string } } {
  if (error instanceof ApiFailure) return { status: error.status, error: { code: error.code, message: error.message } };
  const reason = error instanceof Error ? error.message : String(error);
  return { status: 500, error: { code: 'internal', message: `The capture could not be read (${reason}).` } };
}

/** Its code runs here, in the worker, and can do no more than this worker may. */
async function run(text: string): Promise<{ exported: unknown }> {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
  try {
    const { default: exported } = (await import(address)) as { default?: unknown };
    return { exported };
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** Tells progress now and then, and at once when something else is done. */
function nowAndThen(everyMs: number): (progress: Progress) => void {
  let told = Number.NEGATIVE_INFINITY;
  let doing: Progress['doing'] | undefined;
  return (progress) => {
    if (progress.doing === doing && performance.now() - told < everyMs) return;
    told = performance.now();
    doing = progress.doing;
    post({ kind: 'progress', progress });
  };
}
