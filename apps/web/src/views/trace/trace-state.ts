import { RULE_IDS } from '@causeway/core';
import {
  parseAsArrayOf,
  parseAsBoolean,
  parseAsFloat,
  parseAsInteger,
  parseAsString,
  parseAsStringLiteral,
  useQueryStates,
} from 'nuqs';
import { USUAL } from './lab/lab-options';

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
      /** A selected message-queue link: producer and consumer. */
      link: parseAsString,
      /** Whether related trees that were left out are shown, too. */
      others: parseAsBoolean.withDefault(false),
      /** The rule lab, and what it has changed. */
      lab: parseAsBoolean.withDefault(false),
      off: parseAsArrayOf(parseAsStringLiteral(RULE_IDS)).withDefault([...USUAL.off]),
      delay: parseAsFloat.withDefault(USUAL.delay),
      offset: parseAsFloat.withDefault(USUAL.offset),
      rounds: parseAsInteger.withDefault(USUAL.rounds),
      correct: parseAsBoolean.withDefault(USUAL.correct),
    },
    { history: 'replace' },
  );
}
