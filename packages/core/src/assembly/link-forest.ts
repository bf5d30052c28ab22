import type { ParentLink } from './assembled-trace';

/** Links as they are made, by the child's position, and the promise that they never close a cycle. */
export interface LinkForest {
  linkOf(child: number): ParentLink | undefined;
  parentOf(child: number): number | undefined;
  /** The child, a root so far, is reached from this parent: hanging it there would close a cycle. */
  wouldCycle(child: number, parent: number): boolean;
  hang(child: number, parent: number, link: ParentLink): void;
}

const NO_PARENT = -1;

export function createLinkForest(size: number): LinkForest {
  const links: (ParentLink | undefined)[] = new Array(size);
  const parents = new Int32Array(size).fill(NO_PARENT);
  /** Some ancestor, shortened towards the root on every walk: links are never taken back. */
  const towardsRoot = Int32Array.from({ length: size }, (_, i) => i);

  function rootOf(position: number): number {
    let at = position;
    while (towardsRoot[at] !== at) {
      towardsRoot[at] = towardsRoot[towardsRoot[at]!]!;
      at = towardsRoot[at]!;
    }
    return at;
  }

  return {
    linkOf: (child) => links[child],
    parentOf: (child) => (parents[child] === NO_PARENT ? undefined : parents[child]),
    wouldCycle: (child, parent) => rootOf(parent) === child,
    hang(child, parent, link) {
      links[child] = link;
      parents[child] = parent;
      towardsRoot[child] = parent;
    },
  };
}
