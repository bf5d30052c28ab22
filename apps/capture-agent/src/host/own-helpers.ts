/** Processes that work for this agent: never recorded, whatever is asked for. Who starts one adds it. */
export const OWN_HELPERS = new Set<number>();
