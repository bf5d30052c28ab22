import { serviceOf } from '../../api/span-facts';
import { requestOf, type TraceModel } from './trace-model';

/** Spans in which every word of the query occurs, in whatever field; undefined = no query. */
export function spansThatFit(model: TraceModel, query: string): ReadonlySet<string> | undefined {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return undefined;
  const fits = model.nodes.filter(({ span, link }) => {
    const text = [
      serviceOf(span),
      span.protocol,
      span.tapSide,
      requestOf(span),
      span.resource,
      span.domain,
      span.statusCode,
      span.status,
      span.exception,
      link?.rule,
      ...span.traceIds,
      span.xRequestIdRequest,
      span.xRequestIdResponse,
    ]
      .join('\n')
      .toLowerCase();
    return words.every((word) => text.includes(word));
  });
  return new Set(fits.map((node) => node.id));
}
