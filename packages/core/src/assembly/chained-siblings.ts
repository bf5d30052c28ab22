import type { HostId, SystraceId } from '../base/brand';
import type { Span } from '../span/span';

/** One systrace id on one side of a call: who waits for a neighbour that has it there, and which there are. */
interface Seam {
  readonly waiting: number[];
  /** Most seams are met by one sibling or none: lists are made when there is something to put in. */
  parents: number[] | undefined;
  via: number[] | undefined;
}

/** Seams of one host by the id that the neighbour has in its request, or in its response. */
interface HostSeams {
  readonly request: Map<SystraceId, Seam>;
  readonly response: Map<SystraceId, Seam>;
}

const NONE: readonly number[] = [];

/**
 * Which accepted calls neighbour a call that has no parent yet: their response id is its request id, or the reverse.
 * Only the ids that some waiting call wants are kept. For an id and a parent one sibling is enough, so ten thousand
 * calls under one id cost no more than ten thousand look-ups.
 */
export class ChainedSiblings {
  private readonly hosts = new Map<HostId, HostSeams>();

  /** A call that waits for a parent. */
  want(child: Span, position: number): void {
    if (child.type !== 'sys') return;
    const { request, response } = this.seamsOf(child.hostId);
    wait(response, child.systraceIdRequest, position);
    wait(request, child.systraceIdResponse, position);
  }

  /** A call that has one now; answers which waiting calls may follow it. */
  accepted(sibling: Span, position: number, parent: number): readonly number[] {
    if (sibling.type !== 'sys') return NONE;
    const { systraceIdRequest: first, systraceIdResponse: last } = sibling;
    const { request, response } = this.seamsOf(sibling.hostId);
    const before = first === undefined ? NONE : arrive(request.get(first), position, parent);
    const after = last === undefined ? NONE : arrive(response.get(last), position, parent);
    if (before.length === 0) return after;
    return after.length === 0 ? before : [...before, ...after];
  }

  /** Candidate parents and, in the same order, the siblings through which each was found: positions. */
  candidates(child: Span): { readonly parents: readonly number[]; readonly via: readonly number[] } {
    const parents: number[] = [];
    const via: number[] = [];
    if (child.type !== 'sys') return { parents, via };
    const { systraceIdRequest: first, systraceIdResponse: last } = child;
    const { request, response } = this.seamsOf(child.hostId);
    for (const seam of [first && response.get(first), last && request.get(last)]) {
      if (!seam?.parents) continue;
      for (const [i, parent] of seam.parents.entries()) {
        if (parents.includes(parent)) continue;
        parents.push(parent);
        via.push(seam.via![i]!);
      }
    }
    return { parents, via };
  }

  private seamsOf(hostId: HostId): HostSeams {
    let seams = this.hosts.get(hostId);
    if (seams === undefined) {
      seams = { request: new Map(), response: new Map() };
      this.hosts.set(hostId, seams);
    }
    return seams;
  }
}

function wait(seams: Map<SystraceId, Seam>, id: SystraceId | undefined, position: number): void {
  if (id === undefined) return;
  const seam = seams.get(id);
  if (seam) seam.waiting.push(position);
  else seams.set(id, { waiting: [position], parents: undefined, via: undefined });
}

/** Who waits at the seam, when the parent is new there. */
function arrive(seam: Seam | undefined, sibling: number, parent: number): readonly number[] {
  if (seam === undefined || seam.parents?.includes(parent)) return NONE;
  if (seam.parents === undefined || seam.via === undefined) {
    seam.parents = [parent];
    seam.via = [sibling];
  } else {
    seam.parents.push(parent);
    seam.via.push(sibling);
  }
  return seam.waiting;
}
