/** Items of one delivery in their order, and deliveries by who is next: what the fair queue is made of. */

/** First in, first out, in constant time. */
export type Fifo<T extends object> = {
  push(item: T): void;
  /** Undefined when it is empty. */
  shift(): T | undefined;
  /** What `shift` would take. */
  first(): T | undefined;
  /** Takes out all that match, in order. */
  remove(match: (item: T) => boolean): T[];
  readonly length: number;
};

const COMPACT_FROM = 64;

export function createFifo<T extends object>(): Fifo<T> {
  let items: T[] = [];
  let head = 0;
  return {
    push: (item) => void items.push(item),
    shift: () => {
      const item = items[head];
      if (item === undefined) return undefined;
      head++;
      if (head >= COMPACT_FROM && head * 2 >= items.length) {
        items = items.slice(head);
        head = 0;
      }
      return item;
    },
    first: () => items[head],
    remove: (match) => {
      const out: T[] = [];
      items = items.slice(head).filter((item) => !match(item) || !out.push(item));
      head = 0;
      return out;
    },
    get length() {
      return items.length - head;
    },
  };
}

/** A place in a heap; `rank` may only change through `add` and `moved`. */
export type Ranked = { rank: number; order: number; index: number };

/** Smallest rank first, then smallest order: a binary heap whose members know their place. */
export type Heap<M extends Ranked> = {
  /** Harmless for a member that is in it. */
  add(member: M): void;
  remove(member: M): void;
  /** After its rank has changed. */
  moved(member: M): void;
  first(): M | undefined;
  clear(): void;
  readonly size: number;
};

export const OUTSIDE = -1;

export function createHeap<M extends Ranked>(): Heap<M> {
  let members: M[] = [];
  const before = (a: M, b: M) => a.rank < b.rank || (a.rank === b.rank && a.order < b.order);

  const put = (member: M, index: number) => {
    members[index] = member;
    member.index = index;
  };

  function up(member: M): void {
    let { index } = member;
    for (;;) {
      const parentIndex = (index - 1) >> 1;
      const parent = index > 0 ? members[parentIndex] : undefined;
      if (!parent || !before(member, parent)) break;
      put(parent, index);
      index = parentIndex;
    }
    put(member, index);
  }

  function down(member: M): void {
    let { index } = member;
    for (;;) {
      const [left, right] = [members[2 * index + 1], members[2 * index + 2]];
      const child = left && right && before(right, left) ? right : left;
      if (!child || !before(child, member)) break;
      const childIndex = child.index;
      put(child, index);
      index = childIndex;
    }
    put(member, index);
  }

  const moved = (member: M) => {
    if (member.index === OUTSIDE) return;
    up(member);
    down(member);
  };

  return {
    add: (member) => {
      if (member.index !== OUTSIDE) return;
      member.index = members.length;
      members.push(member);
      up(member);
    },
    remove: (member) => {
      const { index } = member;
      if (index === OUTSIDE) return;
      const last = members.pop();
      member.index = OUTSIDE;
      if (!last || last === member) return;
      put(last, index);
      moved(last);
    },
    moved,
    first: () => members[0],
    clear: () => {
      for (const member of members) member.index = OUTSIDE;
      members = [];
    },
    get size() {
      return members.length;
    },
  };
}
