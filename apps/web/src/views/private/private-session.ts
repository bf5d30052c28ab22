import { useSyncExternalStore } from 'react';
import type { ApiError } from '../../api/contract';
import type {
  FromPrivateWorker,
  PrivateAddress,
  Progress,
  ProtocolModule,
  ToPrivateWorker,
} from '../../private/messages';
import { type Place, PRIVATE_PAGE, placeHref } from '../data/place';
import { RequestError } from '../data/request-error';
import { goPrivately, privateAddress } from './private-address';

/** The server sends it with a policy that forbids it any connection. */
const WORKER = '/private-worker.js';

/** Files that are being read, or are. */
export interface OpenedFiles {
  readonly place: PrivateAddress;
  /** Ids of the captures that it is made of. */
  readonly captures: readonly string[];
  readonly files: readonly File[];
  readonly progress: Progress;
  readonly ready: boolean;
  /** Another for each reading: what was answered before holds no more. */
  readonly reading: number;
}

/** What this tab holds privately. It is gone with the tab, or when the page is loaded anew. */
export interface PrivateSession {
  /** Protocols of the user's own, asked in this order. */
  readonly modules: readonly ProtocolModule[];
  readonly opened?: OpenedFiles;
  /** Files or modules were chosen, and are looked at whether they are of use. */
  readonly looking: boolean;
  /** Why what was chosen last is of no use. */
  readonly problem?: ApiError['error'];
}

interface Question {
  resolve(answer: unknown): void;
  reject(error: RequestError): void;
}

let session: PrivateSession = { modules: [], looking: false };
const listeners = new Set<() => void>();
/** Loaded ahead, so that files can be opened when the server is not there any more. */
let spare: Worker | undefined;
/** Looks at what was chosen last; it becomes the reader when that can be read, and until then the reader stays. */
let candidate: Worker | undefined;
let reader: Worker | undefined;
let readings = 0;
let questions = new Map<number, Question>();
let lastQuestion = 0;

export function usePrivateSession(): PrivateSession {
  return useSyncExternalStore(subscribe, current, current);
}

/** Loads what reading needs. */
export function prepare(): void {
  spare ??= startWorker();
}

/** Reads files in this tab, together when they are several, in the place of those before. */
export function openPrivately(files: readonly File[]): void {
  if (files.length > 0) look(files, session.modules);
}

/** Has the files that are open read again with these protocols. */
export function setModules(modules: readonly ProtocolModule[]): void {
  look(session.opened?.files ?? [], modules);
}

/** Forgets the files, also when they are being read. */
export function closePrivate(): void {
  candidate?.terminate();
  candidate = undefined;
  dropReader();
  session = { modules: session.modules, looking: false };
  tell();
}

/** The person has read it. */
export function forgetProblem(): void {
  change({ problem: undefined });
}

/** Whether this tab has what an address names. */
export function holds({ opened }: PrivateSession, place: PrivateAddress): boolean {
  if (opened === undefined) return false;
  return opened.place.id === place.id || (place.kind === 'captures' && opened.captures.includes(place.id));
}

/** Answers a path of the API from what this tab holds. @throws RequestError as the server would be said to answer */
export function askPrivately(path: string): Promise<unknown> {
  const worker = reader;
  if (worker === undefined) return Promise.reject(closed());
  lastQuestion += 1;
  const key = lastQuestion;
  return new Promise((resolve, reject) => {
    questions.set(key, { resolve, reject });
    post(worker, { kind: 'ask', key, path });
  });
}

function look(files: readonly File[], modules: readonly ProtocolModule[]): void {
  candidate?.terminate();
  const worker = spare ?? startWorker();
  spare = undefined;
  candidate = worker;
  change({ looking: true, problem: undefined });
  worker.onmessage = ({ data }: MessageEvent<FromPrivateWorker>) => hear(worker, data, files, modules);
  worker.onerror = () => hear(worker, { kind: 'failed', error: BROKEN }, files, modules);
  post(worker, { kind: 'open', files, modules });
  prepare();
}

function hear(
  worker: Worker,
  message: FromPrivateWorker,
  files: readonly File[],
  modules: readonly ProtocolModule[],
): void {
  if (worker !== candidate && worker !== reader) return;
  switch (message.kind) {
    case 'opening': {
      dropReader();
      reader = worker;
      candidate = undefined;
      readings += 1;
      const { place, captures } = message;
      const progress = { doing: 'reading', share: 0, spans: 0 } as const;
      change({
        modules,
        looking: false,
        opened: { place, captures, files, progress, ready: false, reading: readings },
      });
      enter({ ...place, isPrivate: true });
      break;
    }
    case 'progress':
      changeOpened({ progress: message.progress });
      break;
    case 'opened':
      // Only modules were looked at when nothing is open.
      if (worker === candidate) leave(worker, { modules, looking: false });
      else changeOpened({ ready: true });
      break;
    case 'failed':
      if (worker === reader) dropReader();
      else leave(worker, {});
      change({ looking: false, problem: message.error, ...(reader === undefined && { opened: undefined }) });
      break;
    case 'answer':
      questions.get(message.key)?.resolve(message.answer);
      questions.delete(message.key);
      break;
    case 'refusal': {
      const { status, error } = message;
      questions.get(message.key)?.reject(new RequestError(status, error.code, error.message));
      questions.delete(message.key);
      break;
    }
  }
}

/** Shows what was opened, unless it is on the page already. */
function enter(place: Place & PrivateAddress): void {
  if (window.location.pathname !== PRIVATE_PAGE) return;
  const shown = privateAddress(window.location.hash.slice(1));
  if (shown === undefined || !holds(session, shown.place))
    goPrivately(placeHref(place), shown === undefined ? 'replaceState' : 'pushState');
}

const BROKEN: ApiError['error'] = {
  code: 'unreachable',
  message: 'The program that reads files could not be loaded or has ended: load this page again.',
};

function closed(): RequestError {
  return new RequestError(404, 'not-found', 'This tab does not have the file any more: choose it again.');
}

function leave(worker: Worker, part: Change): void {
  worker.terminate();
  candidate = undefined;
  change(part);
}

function dropReader(): void {
  reader?.terminate();
  reader = undefined;
  for (const { reject } of questions.values()) reject(closed());
  questions = new Map();
}

function startWorker(): Worker {
  const worker = new Worker(WORKER, { type: 'module' });
  worker.onerror = () => {
    if (spare === worker) spare = undefined;
  };
  return worker;
}

function post(worker: Worker, message: ToPrivateWorker): void {
  worker.postMessage(message);
}

type Change = { readonly [Key in keyof PrivateSession]?: PrivateSession[Key] | undefined };

function change(part: Change): void {
  session = Object.fromEntries(
    Object.entries({ ...session, ...part }).filter(([, value]) => value !== undefined),
  ) as unknown as PrivateSession;
  tell();
}

function changeOpened(part: Partial<OpenedFiles>): void {
  if (session.opened !== undefined) change({ opened: { ...session.opened, ...part } });
}

function current(): PrivateSession {
  return session;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(): void {
  for (const listener of listeners) listener();
}
