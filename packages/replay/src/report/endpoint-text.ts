import type { Endpoint } from '@causeway/core';

/** `127.0.0.1:80`, `[::1]:80`. */
export function endpointText({ address, port }: Endpoint): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
