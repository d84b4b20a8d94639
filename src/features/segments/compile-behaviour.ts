/**
 * What became of a recipient in deliveries, as SQL. Messages are found by recipient within the parts of the deliveries, so that only their
 * partitions are read; of several deliveries one suffices, and for `not-opened` one that was received and none that was opened.
 */
import type { Behaviour, BehaviourNode } from "../../core/segment/segment.ts";
import type { Compiling } from "./compiling.ts";
import type { PartRange } from "./store.ts";

/** Behaviours that a message's status says. */
const STATUSES: Partial<Record<Behaviour, readonly string[]>> = {
  received: ["sent"],
  failed: ["failed"],
  pending: ["pending", "taken-into-account"],
  cancelled: ["cancelled"],
  "in-doubt": ["in-doubt"],
};

/** Behaviours that a reaction says; link 0 stands for all links. */
const REACTIONS: Partial<Record<Behaviour, string>> = { opened: "open", clicked: "click", complained: "complaint" };

const COMPLEMENTS: Partial<Record<Behaviour, Behaviour>> = { "not-opened": "opened", "not-clicked": "clicked" };

export function behaviourSql(c: Compiling, node: BehaviourNode): string {
  const ids = Array.isArray(node.deliveries) ? (node.deliveries as string[]) : [];
  const complement = COMPLEMENTS[node.behaviour];
  if (complement !== undefined) {
    const received = behaviourSql(c, { behaviour: "received", deliveries: ids });
    return `(${received} and not ${behaviourSql(c, { ...node, behaviour: complement })})`;
  }
  if (node.behaviour === "excluded") {
    return `exists (select 1 from exclusions e where e.recipient_id = ${c.r}.id and e.delivery_id = any(${c.bind(ids, "bigint[]")}))`;
  }
  if (node.behaviour === "unsubscribed") {
    return `exists (select 1 from unsubscriptions u where u.match_key = ${c.r}.match_key and u.undone_at is null and u.delivery_id = any(${c.bind(ids, "bigint[]")}))`;
  }
  const ranges = ids.flatMap((id) => c.parts.get(id) ?? []);
  // Nobody is in a delivery without messages: it was never analysed, or its messages are past their retention.
  return ranges.length === 0 ? "false" : messageSql(c, node, ranges);
}

function messageSql(c: Compiling, node: BehaviourNode, ranges: readonly PartRange[]): string {
  const mine = `m.recipient_id = ${c.r}.id and ${rangeSql(c, "m", ranges)}`;
  const statuses = STATUSES[node.behaviour];
  if (statuses !== undefined) {
    return `exists (select 1 from messages m where ${mine} and m.status = any(${c.bind(statuses, "text[]")}))`;
  }
  const kind = REACTIONS[node.behaviour];
  if (kind === undefined) return `exists (select 1 from messages m where ${mine})`;
  // A complaint has its row as a person's only; all else has one for whoever it was, and one more when it was a person.
  const human = kind === "complaint" || node.machines !== true ? "x.human" : "not x.human";
  const reaction = `x.kind = ${c.bind(kind, "text")} and x.link = ${c.bind(node.link ?? 0, "int")} and ${human}`;
  return `exists (select 1 from messages m join message_reactions x on x.part_id = m.part_id and x.seq = m.seq
     where ${mine} and ${rangeSql(c, "x", ranges)} and ${reaction})`;
}

function rangeSql({ bind }: Compiling, alias: string, ranges: readonly PartRange[]): string {
  const some = ranges.map(
    ({ from, to }) => `${alias}.part_id between ${bind(from, "bigint")} and ${bind(to, "bigint")}`,
  );
  return `(${some.join(" or ")})`;
}
