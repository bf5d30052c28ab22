import { Direction, EventKind } from '@causeway/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadAddon } from '../src/native/native-addon';
import { compile, LACKING, recordEvents, scratchFolder } from './support/recorded';

const lacks = LACKING || (loadAddon().canAttachToSockets() ? '' : 'Linux 6.5');

describe.skipIf(lacks !== '')(`the returns of system calls (needs ${lacks || 'nothing more'})`, () => {
  const folder = scratchFolder();
  let traffic = '';
  beforeAll(() => {
    traffic = compile('traffic', folder.path);
  });
  afterAll(() => folder.remove());

  /** Answers over one connection with what it asked for over another, until the turns are counted. */
  const program = `
    const net = require('node:net');
    const back = net.createServer((far) => far.pipe(far)).listen(0, '127.0.0.1', () => {
      const front = net.createServer((far) => {
        const near = net.connect(back.address().port, '127.0.0.1');
        far.on('data', (data) => near.write(data)).on('end', () => near.end());
        near.on('data', (data) => far.write(data));
      }).listen(0, '127.0.0.1', () => {
        const client = net.connect(front.address().port, '127.0.0.1', () => client.write('again'));
        client.on('data', () => setTimeout(() => client.write('again'), 5));
      });
    });`;

  it('are watched once a process both answers and asks; then turns of its event loop are told', async () => {
    const needs: [string, number][] = [];
    let counted = () => {};
    const counting = new Promise<void>((resolve) => {
      counted = resolve;
    });
    const { events } = await recordEvents(
      { command: [process.execPath, '-e', program] },
      {
        onCallReturns: (...need) => {
          needs.push(need);
          // Time for a few more rounds.
          setTimeout(counted, 300);
        },
      },
      () => counting,
    );
    const pid = events.find(({ kind }) => kind === EventKind.exec)!.thread.pid;
    expect(needs).toEqual([['turns', pid]]);
    const turns = events.filter(({ kind }) => kind === EventKind.data).map(({ loopTurn }) => loopTurn ?? 0);
    expect(turns[0]).toBe(0);
    expect(new Set(turns).size).toBeGreaterThan(3);
  });

  it('are left alone for who only answers or only asks, and when nobody wants them', async () => {
    const needs: string[] = [];
    const onCallReturns = (reason: string) => needs.push(reason);
    const alone = `
      const net = require('node:net');
      net.createServer((far) => far.pipe(far)).listen(0, '127.0.0.1', function () { console.log(this.address().port); });`;
    const asking = `
      const { spawn } = require('node:child_process');
      const server = spawn(process.execPath, ['-e', ${JSON.stringify(alone)}]);
      server.stdout.on('data', (port) => {
        const near = require('node:net').connect(Number(port), '127.0.0.1', () => near.write('hello'));
        near.on('data', () => { server.kill(); near.destroy(); });
      });`;
    const { events } = await recordEvents({ command: [process.execPath, '-e', asking] }, { onCallReturns });
    expect(events.some(({ kind }) => kind === EventKind.accept)).toBe(true);
    expect(events.some(({ kind }) => kind === EventKind.connect)).toBe(true);
    await recordEvents({ command: [traffic, 'udp'] }, { onCallReturns, callReturns: 'never' });
    expect(needs).toEqual([]);
  });

  it('are watched for the sake of datagrams from anybody', async () => {
    const needs: string[] = [];
    const { events } = await recordEvents(
      { command: [traffic, 'udp'] },
      { onCallReturns: (reason) => needs.push(reason) },
    );
    expect(needs).toEqual(['senders']);
    const [asked] = events.filter(({ direction }) => direction === Direction.ingress);
    // It came before anybody knew.
    expect(asked).toMatchObject({ result: 3, socket: { remote: { address: '0.0.0.0', port: 0 } } });
  });
});
