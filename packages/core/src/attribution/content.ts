import type { Call, ProcessWork, Request } from './work';

/** Which requests of a process hold which words: their own, or those of calls attributed to them. */
export class ContentIndex {
  private readonly own: Request[][];
  private readonly siblings: Map<Request, number>[];

  constructor({ requests, tokenNames }: ProcessWork) {
    this.own = tokenNames.map(() => []);
    this.siblings = tokenNames.map(() => new Map());
    for (const request of requests) for (const token of request.tokens) this.own[token]!.push(request);
  }

  give(call: Call, request: Request): void {
    for (const token of call.tokens) {
      const holders = this.siblings[token]!;
      holders.set(request, (holders.get(request) ?? 0) + 1);
    }
  }

  take(call: Call, request: Request): void {
    for (const token of call.tokens) {
      const holders = this.siblings[token]!;
      const left = holders.get(request)! - 1;
      if (left === 0) holders.delete(request);
      else holders.set(request, left);
    }
  }

  /** Writes how the words of a call, which belongs to nobody now, agree with each open request's: places in CONTENTS. */
  compare(call: Call): void {
    const { open, contents } = call;
    contents.fill(0);
    if (call.tokens.length === 0 || open.length < 2) return;
    for (let i = 0; i < open.length; i += 1) open[i]!.slot = i;
    const isOpen = (request: Request) => open[request.slot] === request;
    const few = Math.max(2, open.length / 4);
    for (const token of call.tokens) {
      const holders = this.own[token]!;
      const siblings = this.siblings[token]!;
      // A word may have a crowd of holders, few of them open: the shorter list is gone through.
      const own =
        holders.length <= open.length ? holders.filter(isOpen) : open.filter(({ tokens }) => tokens.includes(token));
      const bySibling =
        siblings.size <= open.length
          ? [...siblings.keys()].filter((request) => isOpen(request) && !own.includes(request))
          : open.filter((request) => siblings.has(request) && !own.includes(request));
      const count = own.length + bySibling.length;
      for (const { slot } of own) raise(contents, slot, own.length === 1 ? 3 : own.length <= few ? 1 : 0);
      for (const { slot } of bySibling) raise(contents, slot, count === 1 ? 2 : count <= few ? 1 : 0);
    }
  }

  /** The words that a call shares with a request, or with its other calls. */
  shared(call: Call, request: Request): number[] {
    return call.tokens.filter((token) => request.tokens.includes(token) || this.siblings[token]!.has(request));
  }
}

function raise(contents: Uint8Array, at: number, content: number): void {
  if (content > contents[at]!) contents[at] = content;
}
