// As much of the NATS client protocol as the programs here need: messages with headers, out and in.
// https://docs.nats.io/reference/reference-protocols/nats-protocol
import { connect } from 'node:net';

const LINE_END = '\r\n';

export class NatsConnection {
  #socket;
  #pending = Buffer.alloc(0);
  #onMessage;

  constructor(port, onMessage = () => {}) {
    this.#onMessage = onMessage;
    this.#socket = connect(port, '127.0.0.1').setNoDelay(true);
    this.#socket.write(`CONNECT {"verbose":false,"headers":true}${LINE_END}`);
    this.#socket.on('data', (bytes) => {
      this.#pending = Buffer.concat([this.#pending, bytes]);
      while (this.#take());
    });
  }

  subscribe(subject) {
    this.#socket.write(`SUB ${subject} 1${LINE_END}`);
  }

  publish(subject, headers, payload) {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    const head = ['NATS/1.0', ...lines, '', ''].join(LINE_END);
    const size = head.length + payload.length;
    this.#socket.write(`HPUB ${subject} ${head.length} ${size}${LINE_END}${head}${payload}${LINE_END}`);
  }

  /** Takes one protocol line, with its payload, from what has come; false when it is not all there. */
  #take() {
    const end = this.#pending.indexOf(LINE_END);
    if (end < 0) return false;
    const words = this.#pending.toString('latin1', 0, end).split(' ');
    const from = end + LINE_END.length;
    if (words[0] === 'PING') this.#socket.write(`PONG${LINE_END}`);
    if (words[0] !== 'HMSG') {
      this.#pending = this.#pending.subarray(from);
      return true;
    }
    const [headSize, size] = words.slice(-2).map(Number);
    if (this.#pending.length < from + size + LINE_END.length) return false;
    const head = this.#pending.toString('latin1', from, from + headSize);
    const payload = this.#pending.toString('utf8', from + headSize, from + size);
    this.#pending = this.#pending.subarray(from + size + LINE_END.length);
    const headers = {};
    for (const line of head.split(LINE_END).slice(1)) {
      const colon = line.indexOf(':');
      if (colon > 0) headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
    }
    this.#onMessage(words[1], headers, payload);
    return true;
  }
}
