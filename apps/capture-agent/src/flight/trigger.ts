import type { Span } from '@causeway/core';
import { InvalidArgumentError } from 'commander';
import { durationSeconds } from '../commands/quantities';

/** What a span must show for the flight recorder to write its ring. */
export type Trigger =
  | { readonly kind: 'error' }
  | { readonly kind: 'status'; readonly atLeast: number }
  /** Seconds. */
  | { readonly kind: 'slow'; readonly longerThan: number };

/** `error`, `status>=500` or `duration>500ms`. Throws `InvalidArgumentError`. */
export function parseTrigger(text: string): Trigger {
  const plain = text.replaceAll(' ', '').toLowerCase();
  if (plain === 'error') return { kind: 'error' };
  const [, status] = /^status>=(\d{3})$/.exec(plain) ?? [];
  if (status !== undefined) return { kind: 'status', atLeast: Number(status) };
  const [, duration] = /^duration>(.+)$/.exec(plain) ?? [];
  if (duration !== undefined) return { kind: 'slow', longerThan: durationSeconds(duration) };
  throw new InvalidArgumentError('It takes error, status>=500 or duration>500ms.');
}

const isFailure = ({ status }: Span) => status === 'client_error' || status === 'server_error';

/** Whether a request that has its answer meets the trigger. One that is still open is met when it ends. */
export function meets(span: Span, trigger: Trigger): boolean {
  switch (trigger.kind) {
    case 'error':
      return isFailure(span);
    case 'status': {
      const code = typeof span.statusCode === 'number' ? span.statusCode : Number.NaN;
      return span.protocol.startsWith('http') && code >= trigger.atLeast;
    }
    case 'slow':
      return span.messageType === 'session' && span.end - span.start > trigger.longerThan * 1e9;
  }
}

/** E.g. `GET /orders/7 was answered with status 500 after 12.3 ms`. */
export function occasionText(span: Span): string {
  const what = [span.method, span.resource].filter((part) => part !== undefined && part !== '').join(' ');
  const status = span.statusCode === undefined ? span.status.replace('_', ' ') : `status ${span.statusCode}`;
  const took = `${((span.end - span.start) / 1e6).toFixed(1)} ms`;
  return `${what.slice(0, 120) || span.protocol} was answered with ${status} after ${took}`;
}
