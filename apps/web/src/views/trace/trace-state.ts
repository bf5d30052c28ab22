import { parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';

/** The trace page's address: what is shown and what is selected, so that a link leads to the same sight. */
export function useTraceState() {
  return useQueryStates(
    {
      view: parseAsStringLiteral(['graph', 'timeline'] as const).withDefault('graph'),
      axis: parseAsStringLiteral(['depth', 'time'] as const).withDefault('depth'),
      /** A selected span. */
      span: parseAsString,
      /** A selected edge, named by its child; the root's name asks why it has no parent. */
      edge: parseAsString,
      tab: parseAsStringLiteral(['details', 'bytes'] as const).withDefault('details'),
      /** How the timeline is drawn: by the hosts' corrected clocks, or by their own. */
      clocks: parseAsStringLiteral(['corrected', 'raw'] as const).withDefault('corrected'),
      q: parseAsString.withDefault(''),
    },
    { history: 'replace' },
  );
}
