import type { Nanoseconds } from '../base/brand';

/** Width of a slot. */
const SLOT_NS = 60_000_000_000;
/** A request waits in its own slot and the next one: 60 to 120 seconds. */
const WINDOW_SLOTS = 2;

/** Number of the slot that holds an instant. */
export function slotOf(time: Nanoseconds): number {
  return Math.floor(time / SLOT_NS);
}

/** Whether a request of `slot` has left the window when the time stands in slot `current`. */
export function hasLeftWindow(slot: number, current: number): boolean {
  return current - slot >= WINDOW_SLOTS;
}
