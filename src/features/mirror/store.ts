/** The SQL of mirror pages: what a message's delivery says about them. */
import type { Settings } from "../../contract/index.ts";
import type { MessageKey } from "../../core/delivery/status.ts";
import type { Attachment } from "../../core/message/manifest.ts";
import type { Instant } from "../../core/time.ts";
import type { Queryable } from "../../platform/db.ts";

export type MirrorRow = {
  delivery_id: number;
  /** What its links and images are numbered in: the delivery, or a single message's own content. */
  content_id: number;
  mirror: Settings["mirror"];
  /** To rows of a file that are no recipients. */
  is_of_file: boolean;
  resource_validity: string;
  /** A date that counts instead. */
  resource_until: string | null;
  started_at: Instant | null;
  /** Whether the content has the link. */
  linked: boolean;
  /** Of the recipient's attributes; anything. */
  language: unknown;
};

/** Null: no such message. */
export async function findMirrorRow(db: Queryable, key: MessageKey): Promise<MirrorRow | null> {
  const [row] = await db.query<MirrorRow>(
    `select p.delivery_id, coalesce(own.id, p.delivery_id) as content_id, d.settings->>'mirror' as mirror, d.audience ? 'file' as is_of_file, d.settings->>'resourceValidity' as resource_validity,
            d.settings->>'resourceUntil' as resource_until, d.started_at,
            coalesce(position('mirror_url' in coalesce(own.manifest, d.manifest)::text) > 0, false) as linked,
            coalesce(r.attributes->'language', r.attributes->'lang', m.vars->'language', m.vars->'lang') as language
       from delivery_parts p
       join deliveries d on d.id = p.delivery_id
       join messages m on m.part_id = p.id
       left join message_contents own on d.kind = 'single' and own.id = (m.vars #>> '{envoi:single,content}')::bigint
       left join recipients r on r.id = m.recipient_id
      where p.id = $1 and m.part_id = $1 and m.seq = $2`,
    [key.partId, key.seq],
  );
  return row ?? null;
}

/** What the HTML may show by `cid:`; of a delivery or a single message's own content. */
export async function listEmbeddedImages(db: Queryable, contentId: number): Promise<Attachment[]> {
  const [row] = await db.query<{ attachments: Attachment[] | null }>(
    `select manifest->'attachments' as attachments from deliveries where id = $1
     union all select manifest->'attachments' from message_contents where id = $1`,
    [contentId],
  );
  return (row?.attachments ?? []).filter((attachment) => attachment.contentId !== null);
}
