/** The part of the time axis in view; nanoseconds on the trace's clock. */
export interface TimeWindow {
  readonly from: number;
  readonly to: number;
}

/** Nothing is shorter than this on the screen: the clock does not tell more. */
const SHORTEST_NS = 100;

/** Makes the window `factor` times as long, with the instant `at` staying where it is; never beyond `whole`. */
export function zoomWindow(window: TimeWindow, factor: number, at: number, whole: TimeWindow): TimeWindow {
  const length = window.to - window.from;
  const shortest = Math.min(SHORTEST_NS, whole.to - whole.from);
  const next = Math.min(Math.max(length * factor, shortest), whole.to - whole.from);
  const share = length === 0 ? 0 : (at - window.from) / length;
  return clampWindow({ from: at - share * next, to: at - share * next + next }, whole);
}

/** Moves the window by a share of its length, later when positive. */
export function panWindow(window: TimeWindow, share: number, whole: TimeWindow): TimeWindow {
  const shift = (window.to - window.from) * share;
  return clampWindow({ from: window.from + shift, to: window.to + shift }, whole);
}

/** Moves the window, without changing its length where possible, to lie within `whole`. */
function clampWindow(window: TimeWindow, whole: TimeWindow): TimeWindow {
  const length = Math.min(window.to - window.from, whole.to - whole.from);
  const from = Math.min(Math.max(window.from, whole.from), whole.to - length);
  return { from, to: from + length };
}
