import { Direction, type Message, type TimeOrigin } from '@causeway/core';
import { EPOCH } from '../loop/host-clocks';
import { createReplay, type Replay } from '../loop/replay';
import { cut, oneLine, pad, padStart } from '../report/columns-text';
import { endpointText } from '../report/endpoint-text';
import { messageLine } from '../report/json-lines';
import { PacketNumbers } from '../report/packet-numbers';
import { bytesText, timeOfDayText } from '../report/time-text';
import { type CommandStreams, type ExitStatus, LineOutput } from './output';
import { OwnProtocols, type ProtocolOptions } from './own-protocols';
import { readFiles } from './read-files';

export interface MessagesOptions extends CommandStreams, ProtocolOptions {
  readonly json?: boolean;
}

/** `causeway messages`: each application message of a capture or packet capture, in the order of its last byte. */
export async function runMessages(path: string, options: MessagesOptions = {}): Promise<ExitStatus> {
  const errors = new LineOutput(options.stderr ?? process.stderr);
  const own = await OwnProtocols.load(options.protocol, errors);
  if (own === undefined) return 2;
  const output = new LineOutput(options.stdout ?? process.stdout);
  const write = options.json ? messageLine : messageText;
  const packets = new PacketNumbers();
  const replay: Replay = createReplay({
    ownParsers: own.ownParsers,
    onParserError: own.onParserError,
    onMessage: (message) =>
      output.line(write(message, replay.timeOrigin ?? EPOCH, packets.of(message.events[0] ?? Number.NaN))),
  });
  const status = await readFiles([path], errors, async (item) => {
    if (item.kind === 'events') packets.add(item.block);
    replay.push(item);
    await output.settle();
    return output.closed ? 'stop' : undefined;
  });
  replay.end();
  const failed = own.tellErrors(errors);
  await output.end();
  await errors.end();
  return status === 0 && failed ? 1 : status;
}

function messageText(message: Message, origin: TimeOrigin, packet?: number): string {
  const { fields, socket, thread } = message;
  const arrow = message.direction === Direction.egress ? '→' : '←';
  const status = fields.statusCode ?? fields.status;
  const what = [status, fields.method, fields.resource ?? fields.endpoint]
    .filter((part) => part !== undefined)
    .join(' ');
  return [
    timeOfDayText(origin + BigInt(Math.round(message.time))),
    pad(cut(packet === undefined ? `${oneLine(thread.comm)}/${thread.pid}` : `packet ${packet}`, 24), 24),
    pad(`${endpointText(socket.local)} ${arrow} ${endpointText(socket.remote)}`, 45),
    pad(message.protocol, 10),
    pad(message.type, 8),
    padStart(bytesText(message.length), 8),
    message.truncated ? '…' : ' ',
    cut(oneLine(what), 60),
  ]
    .join(' ')
    .trimEnd();
}
