import { EventFlag, EventKind } from '@causeway/core';
import type { ColumnarBlock } from '../format/columnar-block';

interface Run {
  readonly firstOrdinal: number;
  readonly numbers: Uint32Array;
}

/** Remembers which frame of a packet capture brought which event. Costs four bytes an event, and nothing without packets. */
export class PacketNumbers {
  private readonly runs: Run[] = [];

  add(block: ColumnarBlock): void {
    if (block.count === 0 || (block.flags[0]! & EventFlag.packet) === 0) return;
    const numbers = block.detail.slice();
    for (let row = 0; row < block.count; row++) if (block.kind[row] !== EventKind.data) numbers[row] = 0;
    this.runs.push({ firstOrdinal: block.firstOrdinal, numbers });
  }

  /** Number of the frame, from 1; `undefined` = no packet brought the event. */
  of(ordinal: number): number | undefined {
    let [from, to] = [0, this.runs.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (this.runs[middle]!.firstOrdinal <= ordinal) from = middle + 1;
      else to = middle;
    }
    const run = this.runs[from - 1];
    return run?.numbers[ordinal - run.firstOrdinal] || undefined;
  }
}
