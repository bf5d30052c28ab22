import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

export interface HttpOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Certificates that the server's must be signed by; default: those that Node trusts. */
  readonly ca?: string;
  /** Take any certificate. */
  readonly insecure?: boolean;
  readonly timeoutMs: number;
  /** An answer that is longer is an error. */
  readonly maxBytes: number;
}

/** The body of a 2xx answer, as text. Throws an `Error` that says what was wrong. */
export function httpText(url: URL, options: HttpOptions): Promise<string> {
  const { method = 'GET', headers = {}, ca, insecure = false, timeoutMs, maxBytes } = options;
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const tls = { ...(ca !== undefined && { ca }), rejectUnauthorized: !insecure };
    const asked = request(url, { method, headers, signal, agent: false, ...tls }, (answer) => {
      const parts: Buffer[] = [];
      let length = 0;
      answer.on('data', (part: Buffer) => {
        length += part.length;
        if (length > maxBytes) answer.destroy(new Error(`its answer is longer than ${maxBytes} bytes`));
        else parts.push(part);
      });
      answer.once('error', reject);
      answer.once('end', () => {
        const status = answer.statusCode ?? 0;
        if (status >= 200 && status < 300) resolve(Buffer.concat(parts).toString('utf8'));
        else reject(new Error(`it answered with status ${status}`));
      });
    });
    asked.once('error', (error) => reject(signal.aborted ? new Error('it does not answer') : error));
    asked.end();
  });
}
