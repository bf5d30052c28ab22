import type { DrawnTally, Tally } from './score-report';

export type Outcome = 'correct' | 'wrong' | 'missing';

/** Counts outcomes while a capture is judged. */
export class TallyBook {
  private links = 0;
  private correct = 0;
  private wrong = 0;
  private missing = 0;

  /** `hasTruth`: the context names the true parent, so that it is one of the links to be found. */
  add(outcome: Outcome, hasTruth: boolean): void {
    if (hasTruth) this.links += 1;
    this[outcome] += 1;
  }

  tally(): Tally {
    const { links, correct, wrong, missing } = this;
    return {
      links,
      correct,
      wrong,
      missing,
      precision: ratio(correct, correct + wrong),
      recall: ratio(correct, links),
    };
  }

  drawn(): DrawnTally {
    const { correct, wrong } = this;
    return { links: correct + wrong, correct, wrong, precision: ratio(correct, correct + wrong) };
  }
}

/** Books that are opened when something is first written in them. */
export class TallyShelf<Key> {
  private readonly books = new Map<Key, TallyBook>();

  at(key: Key): TallyBook {
    let book = this.books.get(key);
    if (book === undefined) {
      book = new TallyBook();
      this.books.set(key, book);
    }
    return book;
  }

  /** By key, in the order of their text. */
  entries(): [Key, TallyBook][] {
    return [...this.books].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
  }
}

const ratio = (part: number, whole: number) => (whole === 0 ? null : part / whole);
