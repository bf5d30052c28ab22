import fc from 'fast-check';

/**
 * The same inputs in every run, so that a change fails by its own doing. `FAST_CHECK_SEED` gives others: a number, or `any`
 * for new ones each time.
 */
const { FAST_CHECK_SEED: seed = '20261123' } = process.env;
if (seed !== 'any') fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) });
