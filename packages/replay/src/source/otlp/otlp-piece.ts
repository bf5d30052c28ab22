import type { ReportedBatch } from './reported-batch';

/** What a reader of OTLP files gives. Byte positions count from the start of the file, `to` exclusive. */
export type OtlpPiece =
  | { readonly kind: 'batch'; readonly batch: ReportedBatch; readonly from: number; readonly to: number }
  /** These bytes could not be read. `cut`: the file ends within a message. */
  | {
      readonly kind: 'bad';
      readonly from: number;
      readonly to: number;
      readonly cut: boolean;
      readonly detail: string;
    };

/** One way in which OTLP is written to files. Exhaust each iterator before the next call; leave `chunk` alone afterwards. */
export interface OtlpReader {
  push(chunk: Uint8Array): Iterable<OtlpPiece>;
  end(): Iterable<OtlpPiece>;
}
