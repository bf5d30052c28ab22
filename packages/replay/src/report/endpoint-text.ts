import type { Endpoint } from '@causeway/core';

/** `127.0.0.1:80`, `[::1]:80`, `unix:/run/db.sock`; an end of a unix socket that has no name is `unix`. */
export function endpointText({ address, port }: Endpoint): string {
  if (address === '') return 'unix';
  if (/^[/@]/.test(address)) return `unix:${address}`;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
