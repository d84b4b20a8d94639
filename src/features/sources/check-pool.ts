/** What the checklist says about the pool of a delivery: a pool that cannot send is an error now, not a wait later. */
import type { ChecklistItem, Settings } from "../../contract/index.ts";
import { boundSender, sharesOf } from "../../core/shaping/choose-source.ts";
import type { Pool, Source } from "../../core/shaping/source.ts";
import type { Tx } from "../../platform/db.ts";
import { DEFAULT_POOL } from "../../core/shaping/source.ts";
import { countSenders, holdPool, listPools, listSources } from "./store.ts";

/** In the transaction of the analysis: the pool stays until it ends. */
export async function checkPool(tx: Tx, settings: Pick<Settings, "pool" | "source">): Promise<ChecklistItem[]> {
  const { pool: name, source: address } = settings;
  if (name === undefined) return address === undefined ? checkDefault(tx) : [];
  const items: ChecklistItem[] = [];
  if (address !== undefined) {
    const detail = `Messages would leave from the pool "${name}" and from ${address}. Set one of the two.`;
    items.push({ id: "pool-and-source", level: "error", title: "A pool and a source address are both set", detail });
  }
  const pool = await holdPool(tx, name);
  if (pool === null) return [...items, unknownPool(name, await listPools(tx))];
  return [...items, ...usability(pool, await listSources(tx), await countSenders(tx))];
}

/** Where there is no such pool, the system chooses the address. */
async function checkDefault(tx: Tx): Promise<ChecklistItem[]> {
  const pool = await holdPool(tx, DEFAULT_POOL);
  return pool === null ? [] : usability(pool, await listSources(tx), await countSenders(tx));
}

function unknownPool(name: string, pools: readonly Pool[]): ChecklistItem {
  const known = pools.map((pool) => `"${pool.name}"`).join(", ");
  const detail = known === "" ? "There are no pools yet. Make one, or set none." : `The pools are ${known}.`;
  return { id: "pool-unknown", level: "error", title: `There is no pool "${name}"`, detail };
}

function usability(pool: Pool, sources: readonly Source[], senders: number | null): ChecklistItem[] {
  const members = sources.filter(({ id }) => pool.members.some((member) => member.source === id));
  const troubles = new Map<number, string>();
  for (const source of members) {
    const trouble = troubleOf(source, senders);
    if (trouble !== null) troubles.set(source.id, trouble);
  }
  const said = [...troubles.values()].join("; ");
  const shares = sharesOf(pool, (id) => !troubles.has(id));
  if (shares.length === 0) {
    const title = `No source of the pool "${pool.name}" can be used`;
    return [{ id: "pool-unusable", level: "error", title, detail: `${capital(said)}.` }];
  }
  const names = new Map(members.map(({ id, name }) => [id, name]));
  const title = `Pool "${pool.name}": ${shares.map(({ source, share }) => `${names.get(source)} ${percent(share)}`).join(", ")}`;
  const detail = said === "" ? "A recipient keeps their source." : `${capital(said)}: the others have its share.`;
  return [{ id: "pool", level: said === "" ? "info" : "warning", title, detail }];
}

/** Null: it can be used. Without a word of any sender nothing is known of bindings. */
function troubleOf(source: Source, senders: number | null): string | null {
  if (!source.enabled) return `the source "${source.name}" is disabled`;
  const binding = senders === null ? null : boundSender(source, senders);
  return binding?.kind === "unusable" ? binding.reason : null;
}

function percent(share: number): string {
  const rounded = Math.round(share * 100);
  return rounded === 0 ? "< 1 %" : `${rounded} %`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
