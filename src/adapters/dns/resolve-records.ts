/** The records of a name, with aliases followed: what there is, how long it holds, and whether every step was validated. */
import { type Duration, SECOND } from "../../core/time.ts";
import type { Asked, Client } from "./create-client.ts";
import type { RecordData, RecordType, Reply } from "./dns-message.ts";

type Common = {
  /** From the shortest TTL on the way. */
  readonly ttl: Duration;
  readonly isSecure: boolean;
  /** What the name stands for: itself, or where its aliases lead. */
  readonly target: string;
};

export type Resolved<T extends RecordType> =
  /** At least one. */
  | ({ readonly kind: "records"; readonly records: readonly RecordData<T>[] } & Common)
  /** Null TTL: nobody said how long that holds. */
  | ({ readonly kind: "no-records" | "no-such-name" } & Omit<Common, "ttl"> & { readonly ttl: Duration | null })
  | { readonly kind: "failed"; readonly detail: string };

/** A longer chain is a mistake or a trap. */
const MAX_ALIASES = 8;
const NAME_ERROR = 3;

export async function resolveRecords<T extends RecordType>(
  client: Pick<Client, "ask">,
  name: string,
  type: T,
): Promise<Resolved<T>> {
  let way: Way = { target: name, ttl: Infinity, aliases: 0 };
  let isSecure = true;
  for (;;) {
    if (!isName(way.target)) return { kind: "no-such-name", ttl: null, isSecure: false, target: way.target };
    const asked: Asked = await client.ask({ name: way.target, type });
    if (asked.kind === "failed") return asked;
    isSecure &&= asked.isSecure;
    const from: string = way.target;
    way = follow(asked.reply, way, type);
    if (way.aliases > MAX_ALIASES)
      return { kind: "failed", detail: `${name} leads through more than ${MAX_ALIASES} aliases` };
    const { target } = way;
    const found = asked.reply.records.filter((record) => record.type === type && record.name === target);
    const records = found.map(({ data }) => data as RecordData<T>);
    const ttl = Math.min(way.ttl, ...found.map((record) => record.ttl)) * SECOND;
    if (records.length > 0) return { kind: "records", records, ttl, isSecure, target };
    const isNegative = asked.reply.rcode === NAME_ERROR || asked.reply.negativeTtl !== null;
    // A server may stop at the alias: then its end is another question.
    if (isNegative || from === target) return negative(asked.reply, way, isSecure);
  }
}

type Way = { readonly target: string; readonly ttl: number; readonly aliases: number };

function follow({ records }: Reply, way: Way, type: RecordType): Way {
  let { target, ttl, aliases } = way;
  while (type !== "CNAME" && aliases <= MAX_ALIASES) {
    const alias = records.find((record) => record.type === "CNAME" && record.name === target);
    if (alias?.type !== "CNAME") break;
    target = alias.data;
    ttl = Math.min(ttl, alias.ttl);
    aliases++;
  }
  return { target, ttl, aliases };
}

function negative(
  { rcode, negativeTtl }: Reply,
  { target, ttl }: Way,
  isSecure: boolean,
): Extract<Resolved<RecordType>, { kind: "no-records" | "no-such-name" }> {
  const kind = rcode === NAME_ERROR ? "no-such-name" : "no-records";
  return { kind, ttl: negativeTtl === null ? null : Math.min(ttl, negativeTtl) * SECOND, isSecure, target };
}

/** RFC 1035 §3.1: what fits into a question; anything else exists nowhere. */
function isName(name: string): boolean {
  return name.length <= 253 && name.split(".").every((label) => /^[\x21-\x7e]{1,63}$/.test(label));
}
