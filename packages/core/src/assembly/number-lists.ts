const END = -1;
/** An entry: the next one of its list, a number, and one that goes with it. */
const NUMBER = 1;
const COMPANION = 2;

/** Many short lists of numbers in two arrays, where an array for each would burden the garbage collector. */
export class NumberLists {
  /** Newest entry of each list, as its offset. */
  private readonly heads: number[] = [];
  private readonly entries: number[] = [];

  /** Begins a list; answers its number, from 0. */
  open(): number {
    return this.heads.push(END) - 1;
  }

  add(list: number, number: number, companion = 0): void {
    const at = this.entries.length;
    this.entries.push(this.heads[list]!, number, companion);
    this.heads[list] = at;
  }

  has(list: number, number: number): boolean {
    const { entries } = this;
    for (let at = this.heads[list]!; at !== END; at = entries[at]!) if (entries[at + NUMBER] === number) return true;
    return false;
  }

  /** Newest first. */
  visit(list: number, visitor: (number: number, companion: number) => void): void {
    const { entries } = this;
    for (let at = this.heads[list]!; at !== END; at = entries[at]!)
      visitor(entries[at + NUMBER]!, entries[at + COMPANION]!);
  }
}
