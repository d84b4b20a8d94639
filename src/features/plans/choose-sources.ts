/** The sources that a delivery leaves from, as senders choose them: its own address, its pool, the pool `default`, or the system's address. */
import type { Settings } from "../../contract/index.ts";
import { boundSender, findPool } from "../../core/shaping/choose-source.ts";
import type { SourceKey } from "../../core/shaping/restriction.ts";
import { DEFAULT_POOL, type Pool, type Source } from "../../core/shaping/source.ts";

export type ChosenSource = {
  readonly name: SourceKey;
  /** Null: not a registered one, so no MX rule for numbers of sources is for it, and no warm-up. */
  readonly id: number | null;
  readonly address: string | null;
  readonly weight: number;
  readonly warmUp: Source["warmUp"];
};

/** Empty: no source of the pool can be used. `senders`: how many run; 0: none is known to run, and none is asked. */
export function chooseSources(
  { pool: wanted, source: address }: Pick<Partial<Settings>, "pool" | "source">,
  { sources, pools }: { readonly sources: readonly Source[]; readonly pools: readonly Pool[] },
  senders: number,
): ChosenSource[] {
  if (address !== undefined) {
    const known = sources.find((one) => one.addressV4 === address || one.addressV6 === address);
    return [known ? chosen(known, 1) : { name: address, id: null, address, weight: 1, warmUp: "off" }];
  }
  const pool = findPool(pools, wanted ?? DEFAULT_POOL);
  if (pool === null) {
    return wanted === undefined ? [{ name: "default", id: null, address: null, weight: 1, warmUp: "off" }] : [];
  }
  return pool.members.flatMap(({ source: id, weight }) => {
    const source = sources.find((one) => one.id === id);
    if (!source?.enabled) return [];
    return senders > 0 && boundSender(source, senders).kind === "unusable" ? [] : [chosen(source, weight)];
  });
}

function chosen({ id, name, addressV4, addressV6, warmUp }: Source, weight: number): ChosenSource {
  return { name, id, address: addressV4 ?? addressV6, weight, warmUp };
}
