import type { ApiError } from '../api/contract';

/** All private paths begin so; what follows is as in `api/contract.ts`, without `/api`. */
export const PRIVATE_API = '/api/private';

/** A module with a protocol of the user's own, as its text: docs/protocol-modules.md. */
export interface ProtocolModule {
  readonly name: string;
  readonly text: string;
}

/** Which pages a private place has: those of a capture, or of several that are read together. */
export interface PrivateAddress {
  readonly kind: 'captures' | 'workspaces';
  readonly id: string;
}

export interface Progress {
  readonly doing: 'reading' | 'assembling';
  /** Of all files, 0–1. */
  readonly share: number;
  /** Found so far. */
  readonly spans: number;
}

/** What the page tells the worker that reads files. `open` comes once, first. */
export type ToPrivateWorker =
  | { readonly kind: 'open'; readonly files: readonly File[]; readonly modules: readonly ProtocolModule[] }
  /** A path of the API in `api/contract.ts`, that of a capture or workspace. */
  | { readonly kind: 'ask'; readonly key: number; readonly path: string };

/** What the worker answers. */
export type FromPrivateWorker =
  /** The files can be read, and are from now on. */
  | { readonly kind: 'opening'; readonly place: PrivateAddress; readonly captures: readonly string[] }
  | { readonly kind: 'progress'; readonly progress: Progress }
  /** From now on it can be asked. */
  | { readonly kind: 'opened' }
  /** It is of no use any more. */
  | { readonly kind: 'failed'; readonly error: ApiError['error'] }
  | { readonly kind: 'answer'; readonly key: number; readonly answer: unknown }
  | {
      readonly kind: 'refusal';
      readonly key: number;
      readonly status: number;
      readonly error: ApiError['error'];
    };
