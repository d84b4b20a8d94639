/** Which sources this sender may use for a delivery, and which parts of it are this sender's. */
import { isIP } from "node:net";

import { boundSender, chooseSource, findPool, partOwner } from "../core/shaping/choose-source.ts";
import { DEFAULT_POOL, type Pool, type Source, SYSTEM_SOURCE } from "../core/shaping/source.ts";
import type { SourceKey } from "../core/shaping/restriction.ts";

export type SendingSource = {
  readonly key: SourceKey;
  /** Number of a registered source; null: the system's or the delivery's own address, which several senders share. */
  readonly id: number | null;
  readonly v4: string | null;
  readonly v6: string | null;
  readonly helo: string | null;
  readonly warmUp: "automatic" | "off";
};

/** What a delivery says about where it leaves from. */
export type SourceWish = { readonly pool: string | null; readonly source: string | null };

export type SourceBook = {
  update(
    known: { readonly sources: readonly Source[]; readonly pools: readonly Pool[] },
    alive: readonly number[],
  ): void;
  /** Stable for the same key as long as its source is usable; null: this sender has none. */
  choose(wish: SourceWish, key: string, isUsable: (source: SendingSource) => boolean): SendingSource | null;
  /** Those that this sender could ever choose from. */
  candidates(wish: SourceWish): readonly SendingSource[];
  /** Another sender has the sources for this part. */
  isOthers(wish: SourceWish, partId: number): boolean;
  readonly isBound: (id: number) => boolean;
};

const SYSTEM: SendingSource = { key: SYSTEM_SOURCE, id: null, v4: null, v6: null, helo: null, warmUp: "off" };

export function createSourceBook(index: number, of: number): SourceBook {
  let sources = new Map<number, Source>();
  let pools: readonly Pool[] = [];
  let mine = new Map<number, SendingSource>();
  let alive: readonly number[] = [index];

  const bindingOf = (id: number): number | null => {
    const source = sources.get(id);
    if (!source?.enabled) return null;
    const bound = boundSender(source, of);
    return bound.kind === "bound" ? bound.sender : null;
  };
  const poolOf = ({ pool, source }: SourceWish) => (source === null ? findPool(pools, pool ?? DEFAULT_POOL) : null);

  const registered = (address: string): Source | undefined => {
    for (const source of sources.values()) {
      if (source.addressV4 === address || source.addressV6 === address) return source;
    }
    return undefined;
  };

  /** An address that is registered is its source: with its limits, and at the one sender that it is bound to. */
  const named = (address: string): readonly SendingSource[] => {
    const known = registered(address);
    if (known) return [mine.get(known.id) ?? []].flat();
    const isV6 = isIP(address) === 6;
    return [
      { key: address, id: null, v4: isV6 ? null : address, v6: isV6 ? address : null, helo: null, warmUp: "off" },
    ];
  };

  const candidates = (wish: SourceWish): readonly SendingSource[] => {
    if (wish.source !== null) return named(wish.source);
    const pool = poolOf(wish);
    // A pool that was there at analysis and is gone: nothing leaves from an address that nobody chose.
    if (pool === null) return wish.pool === null ? [SYSTEM] : [];
    return pool.members.flatMap(({ source }) => mine.get(source) ?? []);
  };

  return {
    update: (known, living) => {
      sources = new Map(known.sources.map((source) => [source.id, source]));
      ({ pools } = known);
      alive = living.includes(index) ? living : [...living, index];
      mine = new Map(
        known.sources
          .filter(({ id }) => bindingOf(id) === index)
          .map(({ id, name, addressV4, addressV6, helo, warmUp }) => [
            id,
            { key: name, id, v4: addressV4, v6: addressV6, helo, warmUp },
          ]),
      );
    },
    candidates,
    choose: (wish, key, isUsable) => {
      const pool = poolOf(wish);
      if (wish.source !== null || pool === null) {
        return candidates(wish).find(isUsable) ?? null;
      }
      // Asking is not for nothing: the best is asked first, and the others only where it cannot.
      const cannot = new Set<number>();
      for (;;) {
        const id = chooseSource(pool, key, (member) => mine.has(member) && !cannot.has(member));
        const source = id === null ? undefined : mine.get(id);
        if (id === null || !source) return null;
        if (isUsable(source)) return source;
        cannot.add(id);
      }
    },
    isOthers: (wish, partId) => {
      if (wish.source !== null) {
        const known = registered(wish.source);
        const owner = known && bindingOf(known.id);
        return owner !== undefined && owner !== null && owner !== index;
      }
      const pool = poolOf(wish);
      if (pool === null) return wish.pool !== null;
      return partOwner(pool, alive, bindingOf, partId) !== index;
    },
    isBound: (id) => mine.has(id),
  };
}
