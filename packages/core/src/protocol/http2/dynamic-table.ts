import { type Field, UNKNOWN_FIELD } from './field-names';

/** RFC 9113, section 6.5.2: SETTINGS_HEADER_TABLE_SIZE, until a size update says otherwise. */
const INITIAL_BYTES = 4096;
/** An encoder may ask for more than this; the entries beyond are then not known. */
const MAX_BYTES = 65_536;
/** RFC 7541, section 4.1: what an entry counts on top of its text. */
const ENTRY_BYTES = 32;

/**
 * The dynamic table of one direction: RFC 7541, section 2.3.2. Entries are counted from the newest, so what a table held
 * before the capture began, or in bytes that were lost, only makes those entries unknown: whatever was added since is
 * found where it should be. For the same reason an entry that is dropped late does no harm, as nothing refers to it any
 * more; so an entry counts here only what is kept of it, which is never more than the encoder counts.
 */
export class DynamicTable {
  /** Oldest first, from `first` on. */
  private entries: Field[] = [];
  private first = 0;
  private bytes = 0;
  private maxBytes = INITIAL_BYTES;

  /** Highest index that any table of an allowed size may have, counted from 0. */
  static readonly MAX_INDEX = MAX_BYTES / ENTRY_BYTES;

  /** `index` 0 is the newest. */
  at(index: number): Field {
    const place = this.entries.length - 1 - index;
    return place < this.first ? UNKNOWN_FIELD : this.entries[place]!;
  }

  add(field: Field): void {
    this.entries.push(field);
    this.bytes += sizeOf(field);
    this.evict();
  }

  /** A size update of the encoder: RFC 7541, section 4.2. */
  resize(bytes: number): void {
    this.maxBytes = Math.min(bytes, MAX_BYTES);
    this.evict();
  }

  /** Entries may have been added that were not seen: where the known ones are now cannot be told. */
  forget(): void {
    this.entries = [];
    this.first = 0;
    this.bytes = 0;
  }

  private evict(): void {
    while (this.bytes > this.maxBytes) {
      this.bytes -= sizeOf(this.entries[this.first]!);
      this.first += 1;
    }
    if (this.first > 64 && this.first * 2 > this.entries.length) {
      this.entries = this.entries.slice(this.first);
      this.first = 0;
    }
  }
}

function sizeOf({ value }: Field): number {
  return ENTRY_BYTES + (value === undefined ? 0 : value.length);
}
