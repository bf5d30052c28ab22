/** The page of the trace that holds a span. */
export function traceHref(capture: string, span: string): string {
  return `/captures/${encodeURIComponent(capture)}/traces/${encodeURIComponent(span)}`;
}
