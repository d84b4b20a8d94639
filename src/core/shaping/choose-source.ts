/**
 * Which source a message leaves from, and which sender takes a delivery part. Both by weighted rendezvous hashing
 * (Thaler, Ravishankar 1998; weights by Schindelhauer, Schomaker 2005): every candidate draws a number from (key, candidate),
 * and the best draw wins. So a key keeps its candidate at every retry, without anything to remember, as greylisting wants
 * (RFC 6647 §2), shares are exactly the weights, and a candidate that goes away moves only what was its own.
 */
import type { Pool, Source } from "./source.ts";

type Members = Pick<Pool, "members">;
type Candidate = { readonly id: number; readonly weight: number };

/** `key`: match key of the recipient, or message key. Null: no source of the pool is usable. */
export function chooseSource(
  { members }: Members,
  key: string,
  isUsable: (sourceId: number) => boolean,
): number | null {
  const usable = members.filter(({ source }) => isUsable(source));
  return best(
    key,
    usable.map(({ source, weight }) => ({ id: source, weight })),
  );
}

/** What part of the messages each usable source gets, from 0 to 1. */
export function sharesOf(
  { members }: Members,
  isUsable: (sourceId: number) => boolean,
): { readonly source: number; readonly share: number }[] {
  const usable = members.filter(({ source }) => isUsable(source));
  const sum = usable.reduce((total, { weight }) => total + weight, 0);
  return usable.map(({ source, weight }) => ({ source, share: weight / sum }));
}

/** Case does not matter. */
export function findPool(pools: readonly Pool[], name: string): Pool | null {
  const wanted = name.trim().toLowerCase();
  return pools.find((pool) => pool.name.toLowerCase() === wanted) ?? null;
}

export type Binding =
  | { readonly kind: "bound"; readonly sender: number }
  | { readonly kind: "unusable"; readonly reason: string };

/** The sender process that has the source. Without one of its own, sources go round the `senders` by their numbers. */
export function boundSender({ id, name, sender }: Pick<Source, "id" | "name" | "sender">, senders: number): Binding {
  if (senders < 1) return { kind: "unusable", reason: `no sender runs that could use the source "${name}"` };
  if (sender === null) return { kind: "bound", sender: (id - 1) % senders };
  if (sender < senders) return { kind: "bound", sender };
  const known = senders === 1 ? "is only sender 0" : `are only senders 0 to ${senders - 1}`;
  return { kind: "unusable", reason: `the source "${name}" is bound to sender ${sender}, and there ${known}` };
}

/**
 * The sender that leases a part of a delivery with this pool: each gets parts by the weight of its usable sources, and the
 * parts of a sender that is gone go to the others. `bindingOf`: the sender of a source, null when it cannot be used. Null:
 * nobody has a usable source.
 */
export function partOwner(
  { members }: Members,
  aliveSenders: readonly number[],
  bindingOf: (sourceId: number) => number | null,
  partId: number,
): number | null {
  const weights = new Map<number, number>();
  for (const { source, weight } of members) {
    const sender = bindingOf(source);
    if (sender !== null && aliveSenders.includes(sender)) weights.set(sender, (weights.get(sender) ?? 0) + weight);
  }
  return best(
    `part ${partId}`,
    [...weights].map(([id, weight]) => ({ id, weight })),
  );
}

/**
 * The draw of a candidate is −ln(u) ÷ weight, an exponential variable of rate `weight`: the least of several is that of
 * candidate i with probability weight(i) ÷ sum of weights.
 */
function best(key: string, candidates: readonly Candidate[]): number | null {
  if (candidates.length < 2) return candidates[0]?.id ?? null;
  const hashed = hash(key);
  let winner: number | null = null;
  let least = Infinity;
  for (const { id, weight } of candidates) {
    const draw = -Math.log(uniform(hashed, id)) / weight;
    if (draw < least || (draw === least && winner !== null && id < winner)) {
      least = draw;
      winner = id;
    }
  }
  return winner;
}

/** FNV-1a over UTF-16 units. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h;
}

/** In (0, 1), from both numbers, each mixed by itself first: ids and keys that differ in one bit have nothing in common. */
function uniform(key: number, id: number): number {
  return (mix(mix(key) + Math.imul(mix(id + 1), 0x9e3779b1)) + 0.5) / 2 ** 32;
}

/** The finalizer of MurmurHash3; 0 … 2^32 − 1. */
function mix(number: number): number {
  let h = number | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
