/** What a bench uses of its runtime. Not the runtime's own types: with those, the sources beside it could use them too. */
declare const performance: { now(): number };
/** Only with --expose-gc. */
declare var gc: (() => void) | undefined;
