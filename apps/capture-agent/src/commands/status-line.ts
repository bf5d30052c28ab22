const LIVE_EVERY_MS = 250;
const PLAIN_EVERY_MS = 10_000;

/** Shows one line that is drawn again in place; where that is not possible, a line now and then. Writes to stderr. */
export class StatusLine {
  private readonly timer: NodeJS.Timeout;

  /** `live`: the terminal is ours, no other program writes to it. */
  constructor(
    private readonly text: () => string,
    private readonly live: boolean,
  ) {
    this.timer = setInterval(() => this.draw(), live ? LIVE_EVERY_MS : PLAIN_EVERY_MS);
    if (live) this.draw();
  }

  /** Clears the line, so that other text can be printed; it comes back by itself. */
  clear(): void {
    if (this.live) process.stderr.write('\r\x1b[K');
  }

  /** One line that stays, above the one that is drawn again. */
  say(line: string): void {
    this.clear();
    process.stderr.write(`${line}\n`);
    if (this.live) this.draw();
  }

  end(): void {
    clearInterval(this.timer);
    this.clear();
  }

  private draw(): void {
    if (!this.live) {
      process.stderr.write(`${this.text()}\n`);
      return;
    }
    const width = process.stderr.columns ?? 80;
    process.stderr.write(`\r\x1b[K${this.text().slice(0, width - 1)}`);
  }
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** E.g. `12.3 MB`. */
export function byteText(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 1000 && unit < UNITS.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}

/** With thousands separators. */
export function countText(count: number): string {
  return Math.round(count).toLocaleString('en');
}

/** `1 event`, `2 events`. */
export function plural(count: number, noun: string): string {
  return `${countText(count)} ${noun}${count === 1 ? '' : 's'}`;
}
