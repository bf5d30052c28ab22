import { Logger } from 'graphile-worker';

/** The queue's own log lines are for its developers; only what went wrong is passed on. */
export const QUIET_LOGGER = new Logger(() => (level, message) => {
  if (level === 'error') console.error(message);
});
