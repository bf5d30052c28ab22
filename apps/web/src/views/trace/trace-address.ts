import { type Place, placeHref } from '../data/place';

/** The page of the trace that holds a span. */
export function traceHref(place: Place, span: string): string {
  return `${placeHref(place)}/traces/${encodeURIComponent(span)}`;
}
