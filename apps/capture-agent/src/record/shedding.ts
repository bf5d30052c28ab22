import type { RawEventBlock } from '@causeway/replay';
import type { Admission, Shed } from './frame-queue';

/** Counts what `admit` made the recording give up. */
export class Shedding {
  /** Events that were not written. */
  events = 0;
  payloadBytes = 0;

  /** `onShed` is called the first time each. */
  constructor(
    private readonly admit: Admission = () => true,
    private readonly onShed: (what: Shed) => void = () => {},
  ) {}

  /** What the queue asks before it writes the block, and whom it tells what was given up. */
  of({ count, payload: { length } }: RawEventBlock): [Admission, (what: Shed) => void] {
    return [
      this.admit,
      (what) => {
        if ((what === 'events' ? this.events : this.payloadBytes) === 0) this.onShed(what);
        if (what === 'events') this.events += count;
        else this.payloadBytes += length;
      },
    ];
  }
}
