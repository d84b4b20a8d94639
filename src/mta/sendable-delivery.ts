/** A delivery as a sender needs it: compiled content, signing key, envelope, limits in time. Loaded once and kept. */
import type { KeyObject } from "node:crypto";

import type { CompiledContent } from "../core/message/compile-content.ts";
import { parseAddress } from "../core/address/parse-address.ts";
import type { Instant } from "../core/time.ts";
import { compileDelivery, type DeliveryContent } from "../features/analysis/index.ts";
import { parseRoutes, type Routes } from "../platform/config.ts";
import type { Db } from "../platform/db.ts";
import type { InDoubtPolicy } from "./store.ts";

/** Reads a PEM private key; handed in by the composition root. */
export type ReadKey = (
  pem: string,
) => { readonly kind: "key"; readonly key: KeyObject } | { readonly kind: "unusable"; readonly detail: string };

export type SendableDelivery = {
  readonly id: number;
  readonly label: string;
  readonly content: CompiledContent;
  /** Return path (RFC 5321 §4.4). */
  readonly mailFrom: string;
  /** Date of every message of the delivery: the same bytes at every attempt. */
  readonly at: Instant;
  readonly validUntil: Instant;
  readonly inDoubtPolicy: InDoubtPolicy;
  readonly routes: Routes;
  readonly source: string | null;
  readonly signing: { readonly domain: string; readonly selector: string; readonly key: KeyObject } | null;
};

type Row = DeliveryContent & {
  id: number;
  label: string;
  started_at: Instant | null;
  analysed_at: Instant;
  valid_until: Instant | null;
  dkim_domain: string | null;
  dkim_selector: string | null;
  dkim_key: string | null;
};

/** The key named by the delivery's settings, else the newest one of the sender address's domain. */
const SELECT = `
  select d.id, d.label, d.content, d.sender, d.settings, d.started_at, d.analysed_at, d.valid_until,
         k.domain as dkim_domain, k.selector as dkim_selector, k.private_key as dkim_key
    from deliveries d
    left join lateral (
      select * from dkim_keys k
       where case when d.settings->'dkim' is not null
               then k.domain = d.settings->'dkim'->>'domain' and k.selector = d.settings->'dkim'->>'selector'
               else k.domain = lower(split_part(d.sender->>'address', '@', 2)) end
       order by k.created_at desc limit 1) k on true
   where d.id = $1`;

export type Sendable =
  | { readonly kind: "sendable"; readonly delivery: SendableDelivery }
  /** Nothing of it can be sent, for a reason that an operator must see. */
  | { readonly kind: "unusable"; readonly reason: string };

/** Null when the delivery does not exist (any more). */
export async function loadSendableDelivery(db: Db, id: number, readKey: ReadKey): Promise<Sendable | null> {
  const [row] = await db.query<Row>(SELECT, [id]);
  if (!row) return null;
  const compiled = compileDelivery(row);
  if (compiled.kind === "errors") {
    return { kind: "unusable", reason: `the content does not compile: ${compiled.errors[0]?.message}` };
  }
  const signing = signingOf(row, readKey);
  if (signing?.kind === "unusable") return signing;
  const routes = parseRoutes(Object.entries(row.settings.routes).map(([domain, server]) => `${domain}=${server}`));
  const returnPath = parseAddress(row.sender.errorAddress ?? row.sender.address);
  return {
    kind: "sendable",
    delivery: {
      id: row.id,
      label: row.label,
      content: compiled.content,
      mailFrom: returnPath.kind === "valid" ? returnPath.envelope : "",
      at: row.started_at ?? row.analysed_at,
      validUntil: row.valid_until ?? Number.MAX_SAFE_INTEGER,
      inDoubtPolicy: row.settings.inDoubtPolicy,
      routes: typeof routes === "string" ? {} : routes,
      source: row.settings.source ?? null,
      signing: signing?.identity ?? null,
    },
  };
}

function signingOf(row: Row, readKey: ReadKey) {
  if (!row.dkim_domain || !row.dkim_selector || !row.dkim_key) return null;
  const name = `${row.dkim_selector}._domainkey.${row.dkim_domain}`;
  const read = readKey(row.dkim_key);
  if (read.kind === "unusable") return { kind: "unusable" as const, reason: `DKIM key ${name}: ${read.detail}` };
  return { kind: "usable" as const, identity: { domain: row.dkim_domain, selector: row.dkim_selector, key: read.key } };
}
