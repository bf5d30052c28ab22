/** Something that must stand any bytes, for `npm run fuzz`. */
export interface FuzzTarget {
  readonly name: string;
  /** Good inputs to begin with. */
  readonly seeds: readonly Uint8Array[];
  /** Longest input that is tried. */
  readonly maxBytes: number;
  /** Throws when something is wrong with what came of the bytes. */
  run(data: Uint8Array): void;
}
