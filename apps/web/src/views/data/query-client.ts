import { QueryClient } from '@tanstack/react-query';
import { RequestError } from './request-error';

/** A refusal will be refused again; only silence and a server's own trouble are worth another try. */
function worthRetrying(failures: number, error: Error): boolean {
  return failures < 2 && error instanceof RequestError && (error.status === 0 || error.status >= 500);
}

/** `networkMode`: `always` = also what is asked while the browser has no network is answered. */
export function createQueryClient(networkMode: 'online' | 'always' = 'online'): QueryClient {
  return new QueryClient({ defaultOptions: { queries: { retry: worthRetrying, retryDelay: 800, networkMode } } });
}
