import { Logger } from 'graphile-worker';

/** The queue's own log lines are for its developers; only what went wrong is passed on, and not
 * that a worker was asked to end. */
export const QUIET_LOGGER = new Logger(() => (level, message) => {
  if (level === 'error' && !message.includes('Interrupted')) console.error(message);
});
