import { EventKind, type SocketInfo } from '@causeway/core';
import { describe, expect, it } from 'vitest';
import { CallReturnsNeed } from './call-returns';

function watched(hasLoop: (pid: number) => boolean = () => true) {
  const needs: [string, number][] = [];
  return { needs, need: new CallReturnsNeed(hasLoop, (reason, pid) => needs.push([reason, pid])) };
}

const held = (some: Partial<SocketInfo>): SocketInfo => ({
  id: '0'.repeat(16) as SocketInfo['id'],
  transport: 'tcp',
  local: { address: '127.0.0.1', port: 40_000 },
  remote: { address: '127.0.0.1', port: 80 },
  role: 'unknown',
  preexisting: true,
  netns: 1,
  inode: 1,
  ...some,
});

describe('the returns of system calls are needed', () => {
  it.each([
    [EventKind.accept, EventKind.connect],
    [EventKind.connect, EventKind.accept],
  ])('once a process has both answered and asked, whichever came first', (first, second) => {
    const { needs, need } = watched();
    need.opened(first, 7);
    need.opened(second, 8);
    expect(needs).toEqual([]);
    need.opened(second, 7);
    expect(needs).toEqual([['turns', 7]]);
  });

  it('for the connections that a process had before, too', () => {
    const { needs, need } = watched();
    need.held(held({ role: 'server' }), 7);
    need.held(held({ transport: 'unix', local: { address: '', port: 0 }, remote: { address: '', port: 0 } }), 7);
    expect(needs).toEqual([]);
    need.held(held({}), 7);
    expect(needs).toEqual([['turns', 7]]);
  });

  it('for datagrams from anybody, not for those of one other end', () => {
    const { needs, need } = watched();
    need.held(held({ transport: 'udp' }), 7);
    expect(needs).toEqual([]);
    need.held(held({ transport: 'udp', remote: { address: '0.0.0.0', port: 0 } }), 7);
    expect(needs).toEqual([['senders', 7]]);
  });

  it('not for who has no event loop', () => {
    const { needs, need } = watched((pid) => pid === 8);
    for (const pid of [7, 7, 8]) {
      need.opened(EventKind.accept, pid);
      need.opened(EventKind.connect, pid);
    }
    expect(needs).toEqual([['turns', 8]]);
  });

  it('once', () => {
    const { needs, need } = watched();
    need.opened(EventKind.data, 7);
    need.opened(EventKind.data, 8);
    expect(needs).toEqual([['senders', 7]]);
  });
});
