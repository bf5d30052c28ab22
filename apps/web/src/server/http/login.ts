import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiFailure } from '../../api/failure';
import { sendError } from './respond';
import type { Security } from './security';

/**
 * Lets a request through (true) or answers it (false). A page asked for with `?token=` gets the cookie and is sent to its
 * own address without it, so that the token does not stay in the address bar; a page without gets the form.
 */
export async function admit(
  security: Security,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<boolean> {
  const given = url.searchParams.get('token');
  const asksPage = request.method === 'GET' && !url.pathname.startsWith('/api/');
  if (given !== null && asksPage && security.isToken(given)) {
    url.searchParams.delete('token');
    const target = url.pathname === '/login' ? '/' : `${localPath(url.pathname)}${url.search}`;
    response
      .writeHead(303, { location: target, 'set-cookie': security.sessionCookie(), 'cache-control': 'no-store' })
      .end();
    return false;
  }
  if (security.isAuthorised(request)) {
    if (url.pathname !== '/login') return true;
    response.writeHead(303, { location: '/' }).end();
    return false;
  }
  if (asksPage && /text\/html/.test(request.headers.accept ?? '')) {
    response
      .writeHead(401, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' })
      .end(form(given !== null));
    return false;
  }
  const failure = new ApiFailure(
    401,
    'token-needed',
    'This server asks for its token: send it as "Authorization: Bearer …", or sign in at /login.',
  );
  await sendError(request, response, failure);
  return false;
}

/** A redirect to `//elsewhere` would leave this server. */
function localPath(pathname: string): string {
  return `/${pathname.replace(/^[/\\]+/, '')}`;
}

function form(wrong: boolean): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Causeway</title>
<style>
:root{color-scheme:light dark;font:15px/1.5 system-ui,sans-serif}
body{min-height:100vh;margin:0;display:grid;place-items:center;background:light-dark(#f6f7f9,#0e1116);color:light-dark(#1b1f24,#e6e9ee)}
form{width:20rem;padding:2rem;border-radius:12px;background:light-dark(#fff,#161b22);border:1px solid light-dark(#dfe3e8,#2a313b)}
h1{font-size:1.15rem;margin:0 0 .25rem}p{margin:0 0 1rem;opacity:.75}p.wrong{color:light-dark(#b42318,#ff8a80);opacity:1}
input,button{box-sizing:border-box;width:100%;padding:.6rem .75rem;border-radius:8px;font:inherit;border:1px solid light-dark(#c6ccd4,#39424e);background:transparent;color:inherit}
button{margin-top:.75rem;border:0;background:#2f6fed;color:#fff;font-weight:600;cursor:pointer}
</style>
<form method="get" action="/login"><h1>Causeway</h1>
<p${wrong ? ' class="wrong">That is not the token of this server.' : '>This server asks for its access token.'}</p>
<input name="token" type="password" autocomplete="current-password" aria-label="Access token" required autofocus>
<button>Sign in</button></form></html>`;
}
