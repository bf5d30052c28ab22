import type { HostId } from '@causeway/core';
import { FORMAT_VERSION } from '../format/capture-format';
import type { CaptureHeader } from '../format/payloads';

/**
 * A header for what was recorded by other means and tells of no host. `identity`: 32 hex digits that tell this source from
 * others. Both clocks are the source's own, nanoseconds since the epoch, and stood at `start` when it began.
 */
export function madeUpHeader(identity: string, start: bigint, payloadLimit: number): CaptureHeader {
  const digits = identity.split('');
  // RFC 9562: version 8, made by our own means.
  digits[12] = '8';
  digits[16] = '8';
  const hex = digits.join('');
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)];
  return {
    version: FORMAT_VERSION,
    producer: 'causeway',
    producerVersion: '0.1.0',
    captureId: parts.join('-'),
    hostId: identity as HostId,
    hostName: '',
    bootId: '',
    kernel: '',
    architecture: '',
    monotonic: start,
    realtime: start,
    filters: {},
    payloadLimit,
    redactions: [],
  };
}
