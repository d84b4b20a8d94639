/** The SQL of mails of services: how many a mailbox may get, which are owed, what became of them. */
import { MAILBOX_MAILS_MAX, MAILBOX_MAILS_WITHIN } from "../../core/service/mail-limit.ts";
import type { ServiceMailKind } from "../../core/service/subscription.ts";
import type { ServiceMail } from "../../contract/services.ts";
import { type Duration, formatInstant, type Instant } from "../../core/time.ts";
import { type Queryable, storable, timestamp, type Tx } from "../../platform/db.ts";
import type { PageLanguage } from "../../platform/public-page.ts";

/** NOTIFY channel: a mail of a service is to be made of a template. */
export const SERVICE_MAIL_CHANNEL = "envoi_service_mails";

/**
 * Counts one mail for each of these mailboxes (hashes, each once), and says which of them may have it. Two who ask at once wait for each
 * other, always in the same order.
 */
export async function countMails(tx: Tx, mailboxes: readonly Buffer[], now: Instant): Promise<Set<string>> {
  const rows = await tx.query<{ mailbox: Buffer }>(
    `insert into service_mail_limits as l (mailbox, since, mails)
     select mailbox, $2, 1 from unnest($1::bytea[]) as t(mailbox) order by mailbox
     on conflict (mailbox) do update
        set since = case when l.since <= $3 then excluded.since else l.since end,
            mails = case when l.since <= $3 then 1 else l.mails + 1 end
      where l.since <= $3 or l.mails < $4
     returning mailbox`,
    [mailboxes, timestamp(now), timestamp(now - MAILBOX_MAILS_WITHIN), MAILBOX_MAILS_MAX],
  );
  return new Set(rows.map(({ mailbox }) => mailbox.toString("hex")));
}

type MailData = {
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Empty but for a confirmation. */
  readonly link: string;
};

export type NewMail = {
  readonly matchKey: string;
  readonly address: string;
  readonly data: MailData;
};

type Of = {
  readonly serviceId: number;
  readonly kind: ServiceMailKind;
  readonly language: PageLanguage;
  /** Null: the mails went out by the built-in text together with this note. */
  readonly templateId: number | null;
};

export async function insertMails(tx: Tx, of: Of, mails: readonly NewMail[], now: Instant): Promise<void> {
  if (mails.length === 0) return;
  await tx.query(
    `insert into service_mails (service_id, kind, match_key, address, at, template_id, language, data, due_at, sent_as)
     select $1, $2, key, address, $3, $4::bigint, $5, case when $4::bigint is null then '{}' else data end,
            case when $4::bigint is null then null else $3::timestamptz end,
            case when $4::bigint is null then 'built-in' end
       from unnest($6::text[], $7::text[], $8::jsonb[]) as t(key, address, data)`,
    [
      of.serviceId,
      of.kind,
      timestamp(now),
      of.templateId,
      of.language,
      mails.map(({ matchKey }) => matchKey),
      mails.map(({ address }) => address),
      mails.map(({ data }) => JSON.stringify(data)),
    ],
  );
  if (of.templateId !== null) await tx.query("select pg_notify($1, '')", [SERVICE_MAIL_CHANNEL]);
}

export type DueMail = {
  readonly id: number;
  readonly service_id: number;
  readonly service: string;
  readonly kind: ServiceMailKind;
  readonly address: string;
  readonly template_id: number;
  readonly language: PageLanguage;
  readonly data: MailData;
  readonly attempts: number;
  /** Of the recipient, if there is one. */
  readonly attributes: Readonly<Record<string, unknown>>;
};

/** Whoever takes them has them for `lease`: after a crash another one does. */
export function leaseDueMails(db: Queryable, lease: Duration, limit: number, now: Instant): Promise<DueMail[]> {
  return db.query<DueMail>(
    `with due as (select id from service_mails where due_at <= $1 order by due_at, id limit $3 for update skip locked),
     taken as (
       update service_mails m set due_at = $2, attempts = m.attempts + 1 from due where m.id = due.id
       returning m.id, m.service_id, m.kind, m.match_key, m.address, m.template_id, m.language, m.data, m.attempts)
     select t.id, t.service_id, s.name as service, t.kind, t.address, t.template_id, t.language, t.data, t.attempts,
            coalesce(r.attributes, '{}') as attributes
       from taken t join services s on s.id = t.service_id left join recipients r on r.match_key = t.match_key
      order by t.id`,
    [timestamp(now), timestamp(now + lease), limit],
  );
}

type Outcome = {
  readonly sentAs: NonNullable<ServiceMail["sentAs"]>;
  readonly message: string | null;
  readonly problem: string;
};

const PROBLEM_MAX = 500;

/** False: it was done before, or is gone. What it said is forgotten, and the link with it. */
export async function endMail(tx: Queryable, id: number, { sentAs, message, problem }: Outcome): Promise<boolean> {
  const rows = await tx.query(
    `update service_mails set due_at = null, sent_as = $2, message_key = $3, problem = $4, data = '{}'
      where id = $1 and due_at is not null returning 1`,
    [id, sentAs, message, storable(problem, PROBLEM_MAX)],
  );
  return rows.length > 0;
}

type MailRow = {
  readonly id: number;
  readonly at: Instant;
  readonly kind: ServiceMailKind;
  readonly address: string;
  readonly template_id: number | null;
  readonly sent_as: ServiceMail["sentAs"];
  readonly message_key: string | null;
  readonly problem: string;
};

/** Newest first, those before `before`. */
export function listMails(db: Queryable, serviceId: number, before: number | null, limit: number): Promise<MailRow[]> {
  return db.query<MailRow>(
    `select id, at, kind, address, template_id, sent_as, message_key, problem from service_mails
      where service_id = $1 and ($2::bigint is null or id < $2) order by id desc limit $3`,
    [serviceId, before, limit],
  );
}

export const presentMail = ({
  id,
  at,
  template_id: template,
  sent_as: sentAs,
  message_key: message,
  ...mail
}: MailRow): ServiceMail => ({
  ...mail,
  id: String(id),
  at: formatInstant(at),
  template: template === null ? null : String(template),
  sentAs,
  message,
});

/** The journal goes after `kept`: how many rows. Counts go with the time that they are for. */
export async function forgetMails(db: Queryable, kept: Duration, now: Instant): Promise<number> {
  const mails = await db.query("delete from service_mails where at < $1 and due_at is null returning 1", [
    timestamp(now - kept),
  ]);
  await db.query("delete from service_mail_limits where since <= $1", [timestamp(now - MAILBOX_MAILS_WITHIN)]);
  return mails.length;
}
