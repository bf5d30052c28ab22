const NO_PARENT = -1;

/** Parents as they are found, by the child's position, and the promise that they never close a cycle. */
export class LinkForest {
  private readonly parents: Int32Array;
  /** Some ancestor, shortened towards the root on every walk: links are never taken back. */
  private readonly towardsRoot: Int32Array;

  constructor(size: number) {
    this.parents = new Int32Array(size).fill(NO_PARENT);
    this.towardsRoot = new Int32Array(size);
    for (let i = 0; i < size; i += 1) this.towardsRoot[i] = i;
  }

  parentOf(child: number): number | undefined {
    const parent = this.parents[child]!;
    return parent === NO_PARENT ? undefined : parent;
  }

  /** The child, a root so far, is reached from this parent: hanging it there would close a cycle. */
  wouldCycle(child: number, parent: number): boolean {
    return this.rootOf(parent) === child;
  }

  hang(child: number, parent: number): void {
    this.parents[child] = parent;
    this.towardsRoot[child] = parent;
  }

  private rootOf(position: number): number {
    const { towardsRoot } = this;
    let at = position;
    while (towardsRoot[at] !== at) {
      towardsRoot[at] = towardsRoot[towardsRoot[at]!]!;
      at = towardsRoot[at]!;
    }
    return at;
  }
}
