const ID = '{id}';
/** Distinct shapes of paths remembered at once. */
const CACHE_LIMIT = 4096;
const cache = new Map<string, string>();

const DIGIT = /[0-9]/;
const NUMBER = /^[0-9]+$/;
const NUMBER_SEGMENTS = /(?<![^/])[0-9]+(?![^/])/g;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const UUID_LENGTH = 36;
/** Hashes and object ids: eight or more hexadecimal digits, at least one of them a decimal digit. */
const HEX = /^(?=.*[0-9])[0-9a-f]{8,}$/i;
/** Names with a number for its own sake, such as `order-4711` or `user_42`: only the number is an id. */
const NUMBERED = /^([a-z]+[-_])[0-9]+$/i;
/** Random tokens: long, with digits and letters mixed throughout. */
const TOKEN = /^(?=(?:[^0-9]*[0-9]){4})(?=.*[a-z])[0-9a-z_-]{20,}$/i;

function segmentEndpoint(segment: string): string {
  // Most are plain words; without a digit only a UUID could be an id.
  if (segment.length !== UUID_LENGTH && !DIGIT.test(segment)) return segment;
  if (NUMBER.test(segment) || UUID.test(segment) || HEX.test(segment) || TOKEN.test(segment)) return ID;
  return segment.replace(NUMBERED, `$1${ID}`);
}

/** The path of a request target, without query or fragment, its ids replaced by `{id}`: few values for many requests. */
export function pathEndpoint(target: string): string {
  // With every number 0 it has the same endpoint, and few such shapes are asked for, each with many numbers.
  const shape = targetPath(target).replace(NUMBER_SEGMENTS, '0');
  const known = cache.get(shape);
  if (known !== undefined) return known;
  const endpoint = DIGIT.test(shape) ? shape.split('/').map(segmentEndpoint).join('/') : shape;
  if (cache.size >= CACHE_LIMIT) cache.clear();
  cache.set(shape, endpoint);
  return endpoint;
}

/** Origin form `/a?b` or absolute form `http://host/a?b` (RFC 9112, section 3.2). */
function targetPath(target: string): string {
  let path = target;
  const scheme = target.startsWith('/') ? -1 : target.indexOf('://');
  if (scheme > 0) {
    const slash = target.indexOf('/', scheme + 3);
    path = slash < 0 ? '/' : target.slice(slash);
  }
  const end = path.search(/[?#;]/);
  return end < 0 ? path : path.slice(0, end);
}
