/** Random numbers that a seed decides: the same seed gives the same world on every machine. */

export type Random = {
  /** In [0, 1). */
  next(): number;
  /** Both ends included. */
  int(min: number, max: number): number;
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** A stream of its own, so that what one part of a world draws does not move the others. */
  fork(name: string): Random;
};

/** Mulberry32: 32 bits of state, enough for worlds and quick. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    int: (min, max) => min + Math.floor(next() * (max - min + 1)),
    chance: (probability) => next() < probability,
    pick: (items) => {
      const item = items[Math.floor(next() * items.length)];
      if (item === undefined) throw new Error("nothing to pick from");
      return item;
    },
    fork: (name) => randomOf(hashOf(`${seed} ${name}`)),
  };
}

/** FNV-1a, 32 bits, mixed once more: neighbours in, strangers out. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

/** In [0, 1): what is true of this address in this world, whenever it is asked. */
export function fateOf(seed: number, what: string, subject: string): number {
  return hashOf(`${seed} ${what} ${subject}`) / 2 ** 32;
}
