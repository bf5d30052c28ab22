import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiFailure } from '../../api/failure';
import type { Settings } from '../settings';

export const SESSION_COOKIE = 'causeway_session';
const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];

/** Guards every request and upgrade: captures hold private data. */
export interface Security {
  /** Host (against DNS rebinding) and Origin (against requests that other sites make). @throws ApiFailure 403 */
  checkSource(request: IncomingMessage): void;
  /** Whether the request carries the token, as Bearer header or as our cookie; always true without a token set. */
  isAuthorised(request: IncomingMessage): boolean;
  /** Whether a text is the token. */
  isToken(text: string): boolean;
  /** Value of `set-cookie` that lets this browser in. */
  sessionCookie(): string;
  setHeaders(response: ServerResponse): void;
}

export function createSecurity(settings: Pick<Settings, 'token' | 'allowedHosts'>, development: boolean): Security {
  const { token } = settings;
  // Compared as digests under a key of this process: equal length, and nothing to be learnt from the time taken.
  const key = randomBytes(32);
  const digest = (text: string): Buffer => createHmac('sha256', key).update(text).digest();
  const same = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));
  const session = token === undefined ? '' : createHmac('sha256', token).update('causeway session').digest('hex');
  const names = new Set([...LOOPBACK_NAMES, ...settings.allowedHosts.map((name) => bracketed(name.toLowerCase()))]);
  const policy = contentPolicy(development);

  return {
    checkSource(request) {
      const host = request.headers.host?.toLowerCase() ?? '';
      if (!names.has(host.replace(/:\d+$/, ''))) {
        throw new ApiFailure(
          403,
          'host-not-allowed',
          `This server does not answer for the host ${host}: add it to CAUSEWAY_ALLOWED_HOSTS.`,
        );
      }
      const { origin } = request.headers;
      const safe = request.headers.upgrade === undefined && ['GET', 'HEAD', 'OPTIONS'].includes(request.method ?? '');
      // Programs such as the capture agent send no Origin; every browser does.
      if (!safe && origin !== undefined && !isSameOrigin(origin, host)) {
        throw new ApiFailure(403, 'origin-not-allowed', 'Requests from other sites are refused.');
      }
    },
    isToken: (text) => token !== undefined && same(text, token),
    isAuthorised(request) {
      if (token === undefined) return true;
      const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
      if (bearer !== undefined) return same(bearer.trim(), token);
      const cookie = new RegExp(`(?:^|;\\s*)${SESSION_COOKIE}=([0-9a-f]+)`).exec(request.headers.cookie ?? '')?.[1];
      return cookie !== undefined && same(cookie, session);
    },
    sessionCookie: () => `${SESSION_COOKIE}=${session}; Path=/; HttpOnly; SameSite=Strict; Max-Age=2592000`,
    setHeaders(response) {
      response.setHeader('content-security-policy', policy);
      response.setHeader('x-content-type-options', 'nosniff');
      response.setHeader('x-frame-options', 'DENY');
      response.setHeader('referrer-policy', 'same-origin');
      response.setHeader('cross-origin-opener-policy', 'same-origin');
      response.setHeader('cross-origin-resource-policy', 'same-origin');
    },
  };
}

function bracketed(name: string): string {
  return name.includes(':') && !name.startsWith('[') ? `[${name}]` : name;
}

function isSameOrigin(origin: string, host: string): boolean {
  try {
    return new URL(origin).host === host;
  } catch {
    return false;
  }
}

/** Next's prerendered pages carry inline scripts and styles; hot reload evaluates code and opens a socket. */
function contentPolicy(development: boolean): string {
  return [
    "default-src 'self'",
    `script-src 'self' 'unsafe-inline'${development ? " 'unsafe-eval'" : ''}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    `connect-src 'self'${development ? ' ws:' : ''}`,
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/**
 * For the worker of private mode, which holds files that must not leave the browser and runs modules of the user's own: no
 * connection at all, and no code but its own file and what it is given as a blob.
 */
export const PRIVATE_WORKER_POLICY = "default-src 'none'; script-src blob:; worker-src 'none'";
