/**
 * What waits in a lane, by whose turn it is. Single messages come first, in the order they came. The rest is shared by
 * stride scheduling (Waldspurger and Weihl, 1995): a delivery's turn comes so much later after each of its messages as its
 * weight is small, so that deliveries that wait together are served by their weights, and inside one delivery first in
 * first out. Who comes new, or back, starts at the present turn: nobody saves up turns, nobody is passed over for ever.
 *
 * Every call costs the logarithm of the number of deliveries that wait; `remove` also looks at each item.
 */
import { createFifo, createHeap, type Fifo, OUTSIDE, type Ranked } from "./flow-heap.ts";

export type Place = {
  /** Whose message it is. */
  readonly delivery: number;
  /** Of that delivery from now on (`weightOf`); above 0. */
  readonly weight: number;
  /** Before all that are not. */
  readonly single?: boolean;
};

export type FairQueue<T extends object> = {
  add(item: T, place: Place): void;
  /**
   * Takes out what is next; undefined: nothing is, of deliveries that `mayServe` lets. The others keep their turn; each that
   * is passed over costs time.
   */
  next(mayServe?: (delivery: number) => boolean): T | undefined;
  /** Takes out all that match, in the order of each delivery; of one delivery only, if that is given. */
  remove(match: (item: T) => boolean, delivery?: number): T[];
  readonly size: number;
};

/** A delivery's items. `rank`: its turn, on a clock that goes on by 1/weight a message; of single ones, when they came. */
type Flow<T extends object> = Ranked & { readonly delivery: number; readonly items: Fifo<T>; weight: number };
type Single<T extends object> = { readonly item: T; readonly arrival: number };

const SWEEP_FROM = 64;

/** Longer than the house limit for functions: its state is shared by these small closures and by nothing else. */
export function createFairQueue<T extends object>(): FairQueue<T> {
  const flows = new Map<number, Flow<T>>();
  const turns = createHeap<Flow<T>>();
  const singles = new Map<number, Flow<Single<T>>>();
  const arrivals = createHeap<Flow<Single<T>>>();
  let size = 0;
  /** The turn of what was served last. */
  let clock = 0;
  let order = 0;
  let sweepAt = SWEEP_FROM;

  function flowOf({ delivery, weight }: Place): Flow<T> {
    let flow = flows.get(delivery);
    if (!flow) {
      if (flows.size >= sweepAt) sweep();
      flow = { delivery, weight, items: createFifo(), rank: 0, order: 0, index: OUTSIDE };
      flows.set(delivery, flow);
    }
    setWeight(flow, weight);
    return flow;
  }

  /** Deliveries with nothing left whose next turn has passed are like new ones. */
  function sweep(): void {
    for (const [delivery, flow] of flows) {
      if (flow.index === OUTSIDE && flow.rank <= clock) flows.delete(delivery);
    }
    sweepAt = Math.max(SWEEP_FROM, 2 * flows.size);
  }

  function setWeight(flow: Flow<T>, weight: number): void {
    if (flow.weight === weight) return;
    // What it has still to wait is as long as if it had always had this weight.
    if (flow.rank > clock) flow.rank = clock + ((flow.rank - clock) * flow.weight) / weight;
    flow.weight = weight;
    turns.moved(flow);
  }

  function line(flow: Flow<T>): void {
    if (flow.index !== OUTSIDE) return;
    if (flow.rank <= clock) flow.rank = clock + 1 / flow.weight;
    flow.order = ++order;
    turns.add(flow);
  }

  function singlesOf(delivery: number): Flow<Single<T>> {
    const flow = singles.get(delivery) ?? {
      delivery,
      weight: 1,
      items: createFifo<Single<T>>(),
      rank: 0,
      order: 0,
      index: OUTSIDE,
    };
    singles.set(delivery, flow);
    return flow;
  }

  /** Its turn is that of its first item. */
  function lineSingles(flow: Flow<Single<T>>): void {
    arrivals.remove(flow);
    const first = flow.items.first();
    if (!first) return void singles.delete(flow.delivery);
    flow.rank = first.arrival;
    arrivals.add(flow);
  }

  function serveSingle(flow: Flow<Single<T>>): T | undefined {
    const single = flow.items.shift();
    lineSingles(flow);
    return single?.item;
  }

  function serve(flow: Flow<T>): T | undefined {
    const item = flow.items.shift();
    // A delivery that was passed over starts at the present, too.
    clock = Math.max(clock, flow.rank);
    flow.rank = clock + 1 / flow.weight;
    if (flow.items.length > 0) turns.moved(flow);
    else turns.remove(flow);
    return item;
  }

  /** Nobody waits, so nobody has a claim on anybody. */
  function forget(): void {
    flows.clear();
    singles.clear();
    turns.clear();
    arrivals.clear();
    clock = 0;
    order = 0;
  }

  const without = (count: number) => {
    size -= count;
    if (size === 0) forget();
  };

  return {
    add: (item, place) => {
      size++;
      if (place.single) {
        const waiting = singlesOf(place.delivery);
        waiting.items.push({ item, arrival: ++order });
        return lineSingles(waiting);
      }
      const flow = flowOf(place);
      flow.items.push(item);
      line(flow);
    },
    next: (mayServe) => {
      const item = firstOf(arrivals, mayServe, serveSingle) ?? firstOf(turns, mayServe, serve);
      if (item !== undefined) without(1);
      return item;
    },
    remove: (match, delivery) => {
      const out: T[] = [];
      for (const flow of chosen(singles, delivery)) {
        out.push(...flow.items.remove(({ item }) => match(item)).map(({ item }) => item));
        lineSingles(flow);
      }
      for (const flow of chosen(flows, delivery)) {
        out.push(...flow.items.remove(match));
        if (flow.items.length === 0) turns.remove(flow);
      }
      without(out.length);
      return out;
    },
    get size() {
      return size;
    },
  };
}

/** Serves the first that may; those passed over are as they were. */
function firstOf<F extends Ranked & { readonly delivery: number }, T>(
  heap: ReturnType<typeof createHeap<F>>,
  mayServe: ((delivery: number) => boolean) | undefined,
  serve: (flow: F) => T | undefined,
): T | undefined {
  const aside: F[] = [];
  let flow = heap.first();
  while (flow && mayServe && !mayServe(flow.delivery)) {
    heap.remove(flow);
    aside.push(flow);
    flow = heap.first();
  }
  const item = flow && serve(flow);
  for (const passed of aside) heap.add(passed);
  return item;
}

function chosen<F>(flows: ReadonlyMap<number, F>, delivery: number | undefined): F[] {
  if (delivery === undefined) return [...flows.values()];
  const flow = flows.get(delivery);
  return flow === undefined ? [] : [flow];
}
