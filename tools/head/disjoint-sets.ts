/** Sets that are joined step by step (union-find). */
export class DisjointSets {
  private readonly parent = new Map<number, number>();

  /** The member that stands for the set of `v`. */
  root(v: number): number {
    let r = v;
    for (
      let next = this.parent.get(r);
      next !== undefined && next !== r;
      next = this.parent.get(r)
    ) {
      r = next;
    }
    this.parent.set(v, r);
    return r;
  }

  /** Joins the set of `a` to that of `b`. */
  join(a: number, b: number): void {
    this.parent.set(this.root(a), this.root(b));
  }
}
