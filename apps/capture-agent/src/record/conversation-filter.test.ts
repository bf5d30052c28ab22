import { type CaptureEvent, Direction, EventFlag, EventKind, type HostId } from '@causeway/core';
import { ColumnarBlock, type RawEventBlock } from '@causeway/replay';
import { describe, expect, it } from 'vitest';
import { NEEDS_ADDON, type RecordFields, rawRecords, spacesOf } from '../../test/support/raw-record';
import { LEAVE_OUT } from '../native/native-addon';
import { DEFAULT_NAMES } from '../redact/name-set';
import { Redactor } from '../redact/redactor';
import { BlockBuilder } from './block-builder';
import { EndpointFilter, parseEndpointPattern } from './endpoint-filter';
import { PayloadPolicy } from './payload-policy';
import { SocketRegistry } from './socket-registry';

const { ingress, egress } = Direction;
const SOCKET = {
  family: 4,
  transport: 6,
  localAddress: [127, 0, 0, 1],
  remoteAddress: [10, 0, 0, 2],
  socket: 0xffff_8880_1234_5600n,
  inode: 77,
  localPort: 80,
  remotePort: 5000,
};
const GET = 'GET /orders/7 HTTP/1.1\r\nHost: shop\r\n\r\n';
const HEALTH = 'GET /health HTTP/1.1\r\nHost: shop\r\n\r\n';
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';

/** Calls of a server's connection; each moves the bytes behind those before. */
class Conversation {
  readonly records: RecordFields[] = [];
  private readonly next = [0, 1000, 5000];

  /** `moved`: bytes of the call, of which the text is the head. */
  call(direction: number, text: string, fields: Partial<RecordFields> = {}, moved = text.length): this {
    const tcpSeq = this.next[direction]!;
    this.next[direction]! += moved;
    const payload = Buffer.from(text, 'latin1');
    this.records.push({
      ...{ kind: EventKind.data, enter: BigInt(this.records.length + 1), result: BigInt(moved) },
      ...{ direction, tcpSeq, payload },
      ...SOCKET,
      ...fields,
    });
    return this;
  }

  lose(direction: number, bytes: number): this {
    this.next[direction]! += bytes;
    return this;
  }

  other(kind: number, fields: Partial<RecordFields> = {}): this {
    this.records.push({ kind, enter: BigInt(this.records.length + 1), ...SOCKET, ...fields });
    return this;
  }

  through(policy: PayloadPolicy) {
    const told: unknown[][] = [];
    const verdicts = {
      decide: (...all: readonly unknown[]) => void told.push(['decide', ...all]),
      forget: (...all: readonly unknown[]) => void told.push(['forget', ...all]),
    };
    const builder = new BlockBuilder(new SocketRegistry('boot'), policy, verdicts);
    const spaces = spacesOf(rawRecords(this.records), policy.redactor?.hints);
    const blocks = spaces.flatMap((space) => builder.build(space) ?? []);
    return { told, filtered: builder.filtered, rows: blocks.flatMap(rowsOf) };
  }
}

interface Row extends Pick<CaptureEvent, 'kind' | 'direction'> {
  readonly text: string;
  /** What was left out before it is known to be all that is missing. */
  readonly afterFiltered: boolean;
}

function rowsOf(raw: RawEventBlock): Row[] {
  const block = new ColumnarBlock(raw, 'host' as HostId, 0);
  return Array.from({ length: raw.count }, (_, row) => ({
    kind: block.kind[row] as EventKind,
    direction: block.direction[row] as Direction,
    text: Buffer.from(block.payload(row)).toString('latin1'),
    afterFiltered: (block.flags[row]! & EventFlag.afterFiltered) !== 0,
  }));
}

const heads = (rows: readonly Row[]) =>
  rows.map(({ text, afterFiltered }) => `${afterFiltered ? '^' : ''}${text.slice(0, 11)}`);

describe.skipIf(NEEDS_ADDON !== '')(`verdicts about a connection${NEEDS_ADDON}`, () => {
  const address = [0x1234_5600, 0xffff_8880, 77];
  const redis = '*1\r\n$4\r\nPING\r\n';

  it.each<[string, PayloadPolicy, number | undefined]>([
    ['left out', new PayloadPolicy({}, undefined, ['http']), LEAVE_OUT],
    ['cut', new PayloadPolicy({ byProtocol: new Map([['redis', 4]]) }), 4],
    ['of no interest', new PayloadPolicy({ byProtocol: new Map([['http', 4]]) }), undefined],
  ])('are told once, and taken back when it closes: %s', (_name, policy, limit) => {
    const conversation = new Conversation();
    conversation.call(ingress, redis).call(egress, '+PONG\r\n').call(ingress, redis).other(EventKind.close);
    const { told } = conversation.through(policy);
    expect(told).toEqual(
      limit === undefined
        ? []
        : [
            ['decide', ...address, false, limit],
            ['forget', ...address, false],
          ],
    );
  });

  it('tell what TLS carries from what it makes of it', () => {
    const conversation = new Conversation();
    const record = '\x17\x03\x03\x00\x20';
    conversation.call(ingress, `\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00`, {}, 10).call(ingress, record, {}, 37);
    conversation.call(ingress, GET, { flags: EventFlag.tls }).other(EventKind.close);
    const { told, rows } = conversation.through(new PayloadPolicy({}, undefined, ['http']));
    expect(heads(rows)).toEqual([GET.slice(0, 11)]);
    expect(told).toEqual([
      ['decide', ...address, false, LEAVE_OUT],
      ['forget', ...address, false],
    ]);
  });
});

describe.skipIf(NEEDS_ADDON !== '')(`requests that are left out${NEEDS_ADDON}`, () => {
  const policy = () => new PayloadPolicy({}, undefined, [], new EndpointFilter([], [parseEndpointPattern('/health')]));
  const turn = (conversation: Conversation, request: string) => conversation.call(ingress, request).call(egress, OK);

  it('leave a mark on what comes next in either direction, and are counted', () => {
    const conversation = new Conversation();
    for (const request of [HEALTH, GET, HEALTH, HEALTH, GET, GET]) turn(conversation, request);
    const { rows, filtered, told } = conversation.through(policy());
    const [get, ok] = [GET.slice(0, 11), OK.slice(0, 11)];
    expect(heads(rows)).toEqual([`^${get}`, `^${ok}`, `^${get}`, `^${ok}`, get, ok]);
    expect(filtered).toBe(6);
    expect(told).toEqual([]);
  });

  it('leave none where something else was lost', () => {
    const conversation = new Conversation();
    turn(turn(conversation, GET), HEALTH).lose(ingress, 20);
    turn(conversation, GET);
    const { rows } = conversation.through(policy());
    expect(rows.map(({ afterFiltered }) => afterFiltered)).toEqual([false, false, false, true]);
  });

  it('leave the ends of streams and connections, and what TCP did, as they are', () => {
    const conversation = new Conversation().other(EventKind.accept);
    turn(conversation, HEALTH).call(ingress, '').other(EventKind.tcpState).other(EventKind.close);
    const { rows } = conversation.through(policy());
    const { accept, data, tcpState, close } = EventKind;
    expect(rows.map(({ kind }) => kind)).toEqual([accept, data, tcpState, close]);
  });
});

it.skipIf(NEEDS_ADDON !== '')('bytes behind calls that were lost are masked until it is certain what they are', () => {
  const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
  // HEADERS with `authorization: secret-of-ann` as it is, in two calls; then SETTINGS that are acknowledged.
  const block = '\x0f\x08\x0dsecret-of-ann';
  const headers = `\x00\x00${String.fromCharCode(block.length)}\x01\x04\x00\x00\x00\x01${block}`;
  const settings = '\x00\x00\x00\x04\x01\x00\x00\x00\x00';
  const conversation = new Conversation().call(ingress, preface).lose(ingress, 14).call(ingress, headers.slice(14));
  conversation.call(ingress, settings).call(ingress, headers);
  const redactor = new Redactor({ names: DEFAULT_NAMES, literals: false });
  const { rows } = conversation.through(new PayloadPolicy({}, redactor));
  const stars = '*'.repeat('secret-of-ann'.length);
  expect(rows.map(({ text }) => text)).toEqual([
    preface,
    '*'.repeat(headers.length - 14),
    settings,
    headers.replace('secret-of-ann', stars),
  ]);
});
