import type { Span } from '@causeway/core';

/** Who did the work that a span shows: the process, the application, or the interface that saw it pass. */
export function serviceOf(span: Span): string {
  switch (span.type) {
    case 'sys':
      return span.comm;
    case 'app':
      return span.serviceName;
    case 'net':
      return span.interfaceName;
  }
}

/** Statuses of 400 and more count, as they do on the service's side: its client was told that something is wrong. */
export function hasError(span: Span): boolean {
  return span.status === 'client_error' || span.status === 'server_error';
}
