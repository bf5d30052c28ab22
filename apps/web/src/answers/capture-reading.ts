import type { Coverage, HostId, LossInterval, ProtocolParser, Span, TimeOrigin } from '@causeway/core';
import { type CaptureItem, createReplay, describeProblem, ParserErrors, type TagsRecord } from '@causeway/replay';
import type { HostTags } from '../api/contract';
import type { HeaderFacts } from './capture-record';
import { LossLog } from './loss-log';

/** A badly damaged file would otherwise fill the page with sentences. */
const MAX_DAMAGE_SENTENCES = 50;

/** What was read of a capture so far, for its row. */
export interface ReadingFacts {
  readonly header: HeaderFacts | undefined;
  readonly coverage: Coverage;
  readonly damage: readonly string[];
  readonly losses: readonly LossInterval[];
  readonly tags: readonly HostTags[];
  readonly timeOrigin: TimeOrigin;
  /** Nanoseconds since the epoch of the first and last event or application span. */
  readonly startedNs: bigint | undefined;
  readonly endedNs: bigint | undefined;
}

/** One replay of one capture: items in, spans out, and the facts for the capture's row collected on the way. */
export class CaptureReading {
  readonly #replay;
  readonly #damage = new Set<string>();
  readonly #parserErrors = new ParserErrors();
  #moreDamage = 0;
  readonly #losses = new LossLog();
  readonly #tags = new Map<HostId, HostTags>();
  #header: HeaderFacts | undefined;
  #first = Number.POSITIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;
  /** Bytes of the file up to the end of the last item. */
  position = 0;

  /** `damage`: what is known of it before it is read. */
  constructor(ownParsers: readonly ProtocolParser[], onSpan: (span: Span) => void, damage: readonly string[] = []) {
    this.#replay = createReplay({
      ownParsers,
      onParserError: this.#parserErrors.onParserError,
      onSpan: (span) => {
        if (span.type === 'app') this.#cover(span.start, span.end);
        onSpan(span);
      },
      onLoss: (loss) => this.#losses.add(loss),
    });
    for (const sentence of damage) this.#damage.add(sentence);
  }

  push(item: CaptureItem): void {
    this.position = item.to;
    this.#replay.push(item);
    switch (item.kind) {
      case 'header': {
        const { hostId, hostName, kernel, architecture, producer, producerVersion, filters, payloadLimit, redactions } =
          item.header;
        this.#header ??= {
          hostId,
          hostName,
          kernel,
          architecture,
          producer: `${producer} ${producerVersion}`,
          filters: { ...filters },
          payloadLimit,
          redactions,
        };
        break;
      }
      case 'tags':
        this.#tags.set(item.hostId, tagsOf(item.hostId, item.tags));
        if (this.#header !== undefined) this.#header = { ...this.#header, labels: item.tags.labels };
        break;
      case 'events': {
        const { raw, timeShift } = item.block;
        if (raw.count === 0) break;
        this.#cover(Number(raw.firstTime - raw.base) + timeShift, Number(raw.lastTime - raw.base) + timeShift);
        break;
      }
      case 'damage':
        if (this.#damage.size < MAX_DAMAGE_SENTENCES) this.#damage.add(describeProblem(item.problem));
        else this.#moreDamage += 1;
        break;
      default:
        break;
    }
  }

  #cover(first: number, last: number): void {
    this.#first = Math.min(this.#first, first);
    this.#last = Math.max(this.#last, last);
  }

  end(): void {
    this.#replay.end();
  }

  /** The first header's day; the epoch itself when no header could be read. */
  get timeOrigin(): TimeOrigin {
    return this.#replay.timeOrigin ?? (0n as TimeOrigin);
  }

  facts(): ReadingFacts {
    const origin = this.timeOrigin;
    const more = this.#moreDamage === 0 ? [] : [`${this.#moreDamage} more damaged stretches were left out.`];
    const known = Number.isFinite(this.#first);
    return {
      header: this.#header,
      coverage: this.#replay.coverage(),
      damage: [...this.#damage, ...more, ...this.#parserErrors.sentences().map((text) => `While reading, ${text}.`)],
      losses: this.#losses.intervals,
      tags: [...this.#tags.values()],
      timeOrigin: origin,
      startedNs: known ? origin + BigInt(Math.round(this.#first)) : undefined,
      endedNs: known ? origin + BigInt(Math.round(this.#last)) : undefined,
    };
  }
}

function tagsOf(hostId: HostId, { host, labels, groups }: TagsRecord): HostTags {
  return { hostId, host, labels, groups };
}
