/** Commands that are a family: the second word is the command proper. */
export const FAMILIES: ReadonlySet<string> = new Set([
  'ACL',
  'CLIENT',
  'CLUSTER',
  'COMMAND',
  'CONFIG',
  'DEBUG',
  'FUNCTION',
  'LATENCY',
  'MEMORY',
  'MODULE',
  'OBJECT',
  'PUBSUB',
  'SCRIPT',
  'SLOWLOG',
  'XGROUP',
  'XINFO',
]);

/** Answered once for each channel. */
export const SUBSCRIBES: ReadonlySet<string> = new Set([
  'SUBSCRIBE',
  'PSUBSCRIBE',
  'SSUBSCRIBE',
  'UNSUBSCRIBE',
  'PUNSUBSCRIBE',
  'SUNSUBSCRIBE',
]);

/** First words of what a server sends unasked. */
export const PUSHES: ReadonlySet<string> = new Set(['message', 'pmessage', 'smessage', 'invalidate']);

/** After these the connection carries the replication stream. */
export const REPLICATION: ReadonlySet<string> = new Set(['SYNC', 'PSYNC']);

/** Inline commands by which a connection may be recognised; others share their words with other text protocols. */
export const TELLING_INLINE: ReadonlySet<string> = new Set([
  'PING',
  'AUTH',
  'SELECT',
  'INFO',
  'HGET',
  'HSET',
  'LPUSH',
  'RPUSH',
  'LRANGE',
  'INCR',
  'EXISTS',
  'EXPIRE',
  'SETEX',
  'SADD',
  'ZADD',
  'DEL',
  'FLUSHALL',
  'FLUSHDB',
  'DBSIZE',
  'MULTI',
  'SUBSCRIBE',
]);

/** Errors that say the server is at fault or not ready; others answer a wrong command. */
export const SERVER_ERRORS: ReadonlySet<string> = new Set([
  'BUSY',
  'CLUSTERDOWN',
  'IOERR',
  'LOADING',
  'MASTERDOWN',
  'MISCONF',
  'NOREPLICAS',
  'OOM',
  'TRYAGAIN',
]);
