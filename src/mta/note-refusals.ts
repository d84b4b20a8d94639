/** What receivers answered instead of accepting goes to the reply texts, with the provider of the recipient's domain as senders know it. */
import { type NotedReply, noteReplies } from "../features/reply-texts/index.ts";
import type { Tx } from "../platform/db.ts";
import type { OutcomeRecord } from "./outcome-record.ts";

/** Costs nothing when all were accepted. */
export async function noteRefusals(tx: Tx, records: readonly OutcomeRecord[]): Promise<void> {
  const refused = records.filter(({ kind }) => kind === "refused");
  if (refused.length === 0) return;
  const providers = await findProviders(tx, [...new Set(refused.map(({ domain }) => domain))]);
  await noteReplies(
    tx,
    refused.flatMap((record) => notedReply(record, providers)),
  );
}

function notedReply(record: OutcomeRecord, providers: ReadonlyMap<string, string>): NotedReply[] {
  const { stage, type, reason, rule, code, enhanced, mx, at, domain, reply } = record;
  if (stage === null || type === null || reason === null || rule === null) return [];
  const provider = providers.get(domain) ?? null;
  return [{ text: reply, stage, code, enhanced, mx, provider, type, reason, rule, at }];
}

async function findProviders(tx: Tx, domains: readonly string[]): Promise<Map<string, string>> {
  const rows = await tx.query<{ domain: string; provider: string }>(
    "select domain, provider from domain_sites where domain = any($1)",
    [domains],
  );
  return new Map(rows.map(({ domain, provider }) => [domain, provider]));
}
