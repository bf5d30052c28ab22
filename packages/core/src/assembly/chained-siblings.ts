import type { HostId, SystraceId } from '../base/brand';
import type { Span } from '../span/span';
import { NumberLists } from './number-lists';

/** Seams of one host, by the id that the neighbour has in its request, or in its response. */
interface HostSeams {
  readonly request: Map<SystraceId, number>;
  readonly response: Map<SystraceId, number>;
}

const NONE: readonly number[] = [];

/**
 * Which accepted calls neighbour a call that has no parent yet: their response id is its request id, or the reverse. A
 * seam is one systrace id on one side of a call. Only those that some waiting call wants are kept. For an id and a parent
 * one sibling is enough, so ten thousand calls under one id cost no more than ten thousand look-ups.
 */
export class ChainedSiblings {
  private readonly hosts = new Map<HostId, HostSeams>();
  private lastHost: HostId | undefined;
  private lastSeams: HostSeams | undefined;
  /** By seam: who waits for a neighbour there. */
  private readonly waiting = new NumberLists();
  /** By seam: the parents of the neighbours that came, each with the first of them that has it. */
  private readonly parents = new NumberLists();

  /** A call that waits for a parent; `waiter` is any number that stands for it. */
  want(child: Span, waiter: number): void {
    if (child.type !== 'sys') return;
    const { request, response } = this.seamsOf(child.hostId);
    this.wait(response, child.systraceIdRequest, waiter);
    this.wait(request, child.systraceIdResponse, waiter);
  }

  /** A call that has one now; adds those to `woken` who wait and may follow it. */
  accepted(sibling: Span, position: number, parent: number, woken: number[]): void {
    if (sibling.type !== 'sys') return;
    const { request, response } = this.seamsOf(sibling.hostId);
    const { systraceIdRequest: first, systraceIdResponse: last } = sibling;
    if (first !== undefined) this.arrive(request.get(first), position, parent, woken);
    if (last !== undefined) this.arrive(response.get(last), position, parent, woken);
  }

  /** Candidate parents and, in the same order, the siblings through which each was found: positions. */
  candidates(child: Span): { readonly parents: readonly number[]; readonly via: readonly number[] } {
    if (child.type !== 'sys') return { parents: NONE, via: NONE };
    const parents: number[] = [];
    const via: number[] = [];
    const { systraceIdRequest: first, systraceIdResponse: last } = child;
    const { request, response } = this.seamsOf(child.hostId);
    for (const seam of [first && response.get(first), last && request.get(last)]) {
      if (seam === undefined) continue;
      this.parents.visit(seam, (parent, sibling) => {
        if (parents.includes(parent)) return;
        parents.push(parent);
        via.push(sibling);
      });
    }
    return { parents, via };
  }

  /** Calls of one host mostly come one after another. */
  private seamsOf(hostId: HostId): HostSeams {
    if (this.lastSeams !== undefined && this.lastHost === hostId) return this.lastSeams;
    let seams = this.hosts.get(hostId);
    if (seams === undefined) {
      seams = { request: new Map(), response: new Map() };
      this.hosts.set(hostId, seams);
    }
    this.lastHost = hostId;
    this.lastSeams = seams;
    return seams;
  }

  private wait(seams: Map<SystraceId, number>, id: SystraceId | undefined, waiter: number): void {
    if (id === undefined) return;
    let seam = seams.get(id);
    if (seam === undefined) {
      seam = this.waiting.open();
      this.parents.open();
      seams.set(id, seam);
    }
    this.waiting.add(seam, waiter);
  }

  private arrive(seam: number | undefined, sibling: number, parent: number, woken: number[]): void {
    if (seam === undefined || this.parents.has(seam, parent)) return;
    this.parents.add(seam, parent, sibling);
    this.waiting.visit(seam, (waiter) => woken.push(waiter));
  }
}
