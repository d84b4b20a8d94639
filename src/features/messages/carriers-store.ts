/**
 * The SQL of carriers: the deliveries that single messages are in. One is made for each day and for what its messages have in common; it
 * is under way from the start, stays so for its day, and takes any number of parts.
 */
import { createHash } from "node:crypto";

import { DAY, type Duration, type Instant, MINUTE } from "../../core/time.ts";
import { type Queryable, timestamp, type Tx } from "../../platform/db.ts";
import { freezeManifest } from "../content/index.ts";
import { CONTROL_CHANNEL, chooseCopies } from "../deliveries/index.ts";
import { signingKeysFor } from "../domains/index.ts";
import { typologyOf, withPool } from "../typologies/index.ts";
import type { PreparedMessage } from "./prepare-message.ts";

/** Commits that were under way at midnight still come through. */
const OPEN_LONGER: Duration = 10 * MINUTE;
const LABEL = "Single messages";

/** Equal for messages that may share a carrier. Keys and archives are settled when it is made, so they follow a change within a day. */
export function carrierKeyOf({ template, isOwn, content }: PreparedMessage, now: Instant): string {
  const { headers: _headers, attachments: _attachments, ...settings } = content.settings;
  const facts = [
    Math.floor(now / DAY),
    template && [template.id, template.version],
    settings,
    content.senderDomain,
    isOwn ? null : content.hash.toString("hex"),
  ];
  return createHash("sha256").update(JSON.stringify(facts)).digest("base64url");
}

/** The id of the carrier of this key, made of `message` if there is none. */
export async function takeCarrier(tx: Tx, key: string, message: PreparedMessage, now: Instant): Promise<number> {
  const known = await findCarrier(tx, key, now);
  if (known !== null) return known;
  // One that was stopped takes nothing more.
  await tx.query("update deliveries set carrier_key = carrier_key || ' ' || id where carrier_key = $1", [key]);
  await insertCarrier(tx, key, message, now);
  const made = await findCarrier(tx, key, now);
  if (made === null) throw new Error(`the carrier ${key} is not there`);
  return made;
}

async function findCarrier(tx: Tx, key: string, now: Instant): Promise<number | null> {
  const [row] = await tx.query<{ id: number }>(
    `select id from deliveries
      where carrier_key = $1 and open_until > $2 and state in ('in-progress', 'pausing', 'paused') for share`,
    [key, timestamp(now)],
  );
  return row?.id ?? null;
}

async function insertCarrier(tx: Tx, key: string, message: PreparedMessage, now: Instant): Promise<void> {
  const { content, template } = message;
  const { sender, settings } = content;
  const { archive, nature, mode } = settings;
  const chosen = await chooseCopies(tx, {
    senderAddress: content.prepared.manifest.fromAddress,
    archive,
    nature,
    mode,
  });
  const shared = await sharedContent(tx, message, now);
  const sent = withPool(shared.settings, await typologyOf(tx, settings));
  const keys = await signingKeysFor(tx, content.senderDomain, settings.dkim ?? null);
  const openUntil = (Math.floor(now / DAY) + 1) * DAY + OPEN_LONGER;
  const [row] = await tx.query<{ id: number }>(
    `insert into deliveries (kind, carrier_key, open_until, label, template_id, content, sender, settings, manifest, archive,
            signing_keys, audience, state, analysis, version, analysed_version, created_at, updated_at, analysed_at, started_at)
     values ('single', $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '{"all": true}', 'in-progress', '{}', 1, 1, $11, $11, $11, $11)
     on conflict (carrier_key) where carrier_key is not null do nothing returning id`,
    [
      key,
      timestamp(openUntil),
      template?.label ?? LABEL,
      template?.id ?? null,
      ...[shared.content, sender, sent, shared.manifest].map((value) => JSON.stringify(value)),
      chosen.kind === "chosen" ? JSON.stringify(chosen.archive) : null,
      keys,
      timestamp(now),
    ],
  );
  if (row) await tx.query("select pg_notify($1, $2)", [CONTROL_CHANNEL, String(row.id)]);
}

const NO_CONTENT = { subject: "-", text: "-", syntax: "liquid" } as const;

/** Where each message brings content of its own, nothing of the first one's stays with the others. */
async function sharedContent(
  tx: Tx,
  { content: { prepared, content, settings }, isOwn }: PreparedMessage,
  now: Instant,
) {
  if (!isOwn) return { content, settings, manifest: await freezeManifest(tx, prepared, now) };
  const nothing = {
    subject: "-",
    html: null,
    text: "-",
    headers: [],
    attachments: [],
    links: [],
    honeypot: null,
    replyToName: "",
  };
  return {
    content: NO_CONTENT,
    settings: { ...settings, headers: [], attachments: [] },
    manifest: { ...prepared.manifest, ...nothing, replyTo: null },
  };
}

/** The ids of their contents in this carrier, by hash in hexadecimal. */
export async function takeContents(
  db: Queryable,
  carrierId: number,
  messages: readonly PreparedMessage[],
  now: Instant,
): Promise<Map<string, number>> {
  const contents = new Map(messages.map(({ content }) => [content.hash.toString("hex"), content]));
  // In one order: two groups that bring the same contents wait for each other, not both for ever.
  const hashes = [...contents.keys()].toSorted();
  const manifests: string[] = [];
  for (const hash of hashes) {
    const { prepared } = contents.get(hash) as PreparedMessage["content"];
    manifests.push(JSON.stringify(await freezeManifest(db, prepared, now)));
  }
  // A content that is there is written again, since what is left alone is not returned.
  const rows = await db.query<{ id: number; hash: string }>(
    `insert into message_contents (id, carrier_id, hash, manifest, created_at)
     select nextval(pg_get_serial_sequence('deliveries', 'id')), $1, decode(hash, 'hex'), manifest, $4
       from unnest($2::text[], $3::jsonb[]) as t(hash, manifest)
     on conflict (carrier_id, hash) do update set hash = excluded.hash
     returning id, encode(hash, 'hex') as hash`,
    [carrierId, hashes, manifests, timestamp(now)],
  );
  return new Map(rows.map(({ id, hash }) => [hash, id]));
}
