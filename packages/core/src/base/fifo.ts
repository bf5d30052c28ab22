/** Places at the front that may lie empty before what waits moves up. */
const MAX_EMPTY = 1024;

/**
 * First in, first out. Nothing moves when the first is taken, and the memory is used again: most connections have one
 * request waiting and then none, over and over.
 */
export class Fifo<T> {
  private items: (T | undefined)[] = [];
  /** Index of the first that waits. */
  private head = 0;
  /** Index after the last. */
  private tail = 0;

  get length(): number {
    return this.tail - this.head;
  }

  get first(): T | undefined {
    return this.head < this.tail ? this.items[this.head] : undefined;
  }

  push(item: T): void {
    this.items[this.tail] = item;
    this.tail += 1;
  }

  shift(): T | undefined {
    if (this.head === this.tail) return undefined;
    const item = this.items[this.head];
    this.items[this.head] = undefined;
    this.head += 1;
    if (this.head === this.tail) {
      this.head = 0;
      this.tail = 0;
    } else if (this.head > MAX_EMPTY && this.head * 2 > this.tail) this.replace([...this]);
    return item;
  }

  /** Puts these in place of all that wait. */
  replace(items: T[]): void {
    this.items = items;
    this.head = 0;
    this.tail = items.length;
  }

  keepLast(): void {
    if (this.length > 1) this.replace([this.items[this.tail - 1]!]);
  }

  *[Symbol.iterator](): Generator<T, undefined> {
    for (let at = this.head; at < this.tail; at += 1) yield this.items[at]!;
  }
}
