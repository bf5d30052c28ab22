import type { SpanId } from '@causeway/core';
import { readQuery, traceQuerySchema } from '../answers/trace-query';
import { viewRelated, viewTrace } from '../answers/trace-views';
import { ApiFailure, notFound } from '../api/failure';
import { PRIVATE_API } from './messages';
import type { PrivatePlace } from './private-place';
import { searchTraces } from './trace-search';

/** Answers what may be asked of a place. @throws ApiFailure as the server would answer */
export async function answerPrivately(places: ReadonlyMap<string, PrivatePlace>, path: string): Promise<unknown> {
  const { pathname, searchParams } = new URL(path, 'http://tab');
  const parts = pathname.slice(PRIVATE_API.length + 1).split('/');
  const [kind, id = '', what, span = '', more] = parts.map(decodeURIComponent);
  const place = places.get(`${kind}/${id}`);
  if (place === undefined) throw notFound(kind === 'workspaces' ? 'workspace' : 'capture');
  switch (`${what ?? ''}${span && '/:span'}${more === undefined ? '' : `/${more}`}`) {
    case '':
      return place.detail;
    case 'traces':
      return searchTraces(place.traces, place.timeOrigin, readQuery(searchParams, traceQuerySchema));
    case 'traces/:span':
      return viewTrace(place.view, span as SpanId);
    case 'traces/:span/related':
      return viewRelated(place.view, span as SpanId);
    case 'spans/:span/events':
      return place.events(span as SpanId);
    default:
      throw new ApiFailure(404, 'not-found', `There is nothing at ${pathname}.`);
  }
}
