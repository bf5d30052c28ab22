import { useSyncExternalStore } from 'react';
import type { Place } from '../data/place';

const MOVED = 'causeway-moved';

/** What a private page shows: a place, or a trace of it. */
export interface PrivateView {
  readonly place: Place;
  readonly span?: string;
}

/** The part of the address behind the `#`, which stays in the browser; empty while the page is drawn on the server. */
export function useFragment(): string {
  return useSyncExternalStore(subscribe, fragment, () => '');
}

export function fragment(): string {
  return window.location.hash.slice(1);
}

/** Moves within the private page, without a word to the server. */
export function goPrivately(href: string, how: 'pushState' | 'replaceState' = 'pushState'): void {
  window.history[how](null, '', href);
  window.dispatchEvent(new Event(MOVED));
}

/** What a fragment names, e.g. `/captures/ID/traces/SPAN?tab=bytes`; undefined = nothing. */
export function privateAddress(text: string): PrivateView | undefined {
  const [, kind, id, span] =
    /^\/(captures|workspaces)\/([0-9a-f]{32})(?:\/traces\/([^/?]+))?(?:\?.*)?$/.exec(text) ?? [];
  if (kind === undefined || id === undefined) return undefined;
  const place: Place = { kind: kind as Place['kind'], id, isPrivate: true };
  return { place, ...(span !== undefined && { span: decodeURIComponent(span) }) };
}

function subscribe(listener: () => void): () => void {
  for (const event of ['hashchange', 'popstate', MOVED]) window.addEventListener(event, listener);
  return () => {
    for (const event of ['hashchange', 'popstate', MOVED]) window.removeEventListener(event, listener);
  };
}
