import type { SocketInfo } from '../event/event-block';
import { type CallOptions, latin1, Scene, socket, thread } from '../event/test-scene';
import type { Message } from '../message/message';
import type { SysSpan } from '../span/span';

/** `>` the client speaks, `<` the server does. Seen from the server's side, unless the socket says otherwise. */
export type Turn = readonly ['>' | '<', Uint8Array | string];

const SERVER = thread(7);

/** Cuts every turn into the pieces that `cut` asks for, and says what the pipeline makes of it. */
export function converse(
  turns: readonly Turn[],
  {
    cut = (bytes: Uint8Array) => [bytes],
    options = {},
    on = socket('s'),
    end = true,
  }: {
    cut?: (bytes: Uint8Array, turn: number) => Uint8Array[];
    options?: CallOptions;
    on?: SocketInfo;
    end?: boolean;
  } = {},
): Scene & { coverage: ReturnType<Scene['run']> } {
  const scene = new Scene();
  for (const [index, [side, data]] of turns.entries()) {
    for (const piece of cut(typeof data === 'string' ? latin1(data) : data, index)) {
      if (side === '>') scene.read(on, SERVER, piece, options);
      else scene.write(on, SERVER, piece, options);
    }
  }
  return Object.assign(scene, { coverage: scene.run({ end }) });
}

/** All of a message that does not depend on how its bytes were delivered. */
export function essence({ type, protocol, tcpSeq, length, truncated, systraceId, fields }: Message): object {
  return { type, protocol, tcpSeq, length, truncated, systraceId, fields };
}

/** Likewise of a span. */
export function spanEssence(span: SysSpan): object {
  const { id, start, end, firstResponseByte, requestEvents, responseEvents, ...rest } = span;
  return rest;
}

/** One line for each message: `> GET /a`, `< 200`. */
export function outline(messages: readonly Message[]): string[] {
  return messages.map(({ type, fields, truncated }) => {
    const arrow = type === 'request' ? '>' : type === 'response' ? '<' : '!';
    const text =
      type === 'response'
        ? (fields.exception ?? fields.statusCode ?? fields.status)
        : (fields.resource ?? fields.method);
    return `${arrow} ${text}${truncated ? ' …' : ''}`;
  });
}
