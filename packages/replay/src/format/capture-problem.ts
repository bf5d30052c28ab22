import { assertUnreachable } from '@causeway/core';
import { FORMAT_VERSION } from './capture-format';
import type { ForeignFormat } from './foreign-format';

/** What is wrong with the bytes of a capture. Byte positions count from the start of the file, `to` exclusive. */
export type CaptureProblem =
  | { readonly kind: 'empty' }
  | { readonly kind: 'not-a-capture'; readonly looksLike?: ForeignFormat }
  | { readonly kind: 'unknown-version'; readonly version: number }
  /** Frames of a packet capture were left out: their link types (LINKTYPE_ numbers) are not read. */
  | { readonly kind: 'unknown-link-type'; readonly linkTypes: readonly number[] }
  /** A packet capture that holds none. */
  | { readonly kind: 'no-packets' }
  /** Spans of an OTLP file were left out: they have no valid trace id, span id or start. */
  | { readonly kind: 'rejected-spans'; readonly count: number }
  /** The end is missing. `from` = `to`: the last frame is whole, but it is not the index. */
  | { readonly kind: 'truncated'; readonly from: number; readonly to: number }
  | { readonly kind: 'corrupt'; readonly from: number; readonly to: number; readonly reason: CorruptReason };

/** `frame`: no frame with a fitting checksum; `payload`: the checksum fits, the contents do not (`detail` says how). */
export type CorruptReason = { readonly kind: 'frame' } | { readonly kind: 'payload'; readonly detail: string };

/** Nothing of the file, or of this section of it, can be read. */
export function isFatal(problem: CaptureProblem): boolean {
  return problem.kind === 'empty' || problem.kind === 'not-a-capture' || problem.kind === 'unknown-version';
}

const FOREIGN: Readonly<Record<ForeignFormat, string>> = {
  gzip: 'It is gzip-compressed: decompress it first (gunzip).',
  zip: 'It is a zip archive: unpack it first.',
  zstd: 'It is zstd-compressed: decompress it first (unzstd).',
  xz: 'It is xz-compressed: decompress it first (unxz).',
  pcap: 'It is a packet capture (pcap).',
  pcapng: 'It is a packet capture (pcapng).',
  har: 'It is an HTTP archive of a browser (HAR).',
  json: 'It is JSON.',
  html: 'It is an HTML page: the download may have returned an error page.',
  elf: 'It is a program.',
  text: 'It is text.',
  mangled:
    'It was a capture, but its bytes were changed on the way, as a text-mode transfer does: transfer it again as binary.',
};

/** One sentence or two for a person: what is wrong and what to do. */
export function describeProblem(problem: CaptureProblem): string {
  switch (problem.kind) {
    case 'empty':
      return 'The file is empty: record it again, or check that the transfer finished.';
    case 'not-a-capture': {
      const hint = problem.looksLike
        ? FOREIGN[problem.looksLike]
        : 'Choose a file that `causeway record` wrote, or a packet capture (pcap or pcapng).';
      return `This is not a Causeway capture. ${hint}`;
    }
    case 'unknown-version':
      return `The capture has format version ${problem.version}; this Causeway reads up to ${FORMAT_VERSION}: update it to open the file.`;
    case 'unknown-link-type':
      return `Frames of link type ${problem.linkTypes.join(', ')} were left out: Ethernet, loopback, Linux cooked and raw IP are read.`;
    case 'no-packets':
      return 'The packet capture holds no packets: check its filter and its interface, and capture again.';
    case 'rejected-spans':
      return `${problem.count === 1 ? '1 span was' : `${problem.count} spans were`} left out: without a valid trace id, span id and start time.`;
    case 'truncated':
      if (problem.from === problem.to) {
        return `The capture ends at byte ${problem.to} without an index: it was cut, or its recording did not end properly. All that is there was read.`;
      }
      return `The capture is cut: it ends at byte ${problem.to}, within the frame that begins at byte ${problem.from}. Everything before it was read.`;
    case 'corrupt': {
      const why = problem.reason.kind === 'payload' ? `: ${problem.reason.detail}` : '';
      return `The capture is damaged: bytes ${problem.from} to ${problem.to} were left out${why}. The rest was read.`;
    }
    default:
      return assertUnreachable(problem);
  }
}
