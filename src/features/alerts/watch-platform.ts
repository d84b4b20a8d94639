/** The SQL of what can be wrong with the rest of the platform. */
import { DAY, formatInstant, MINUTE } from "../../core/time.ts";
import { timestamp } from "../../platform/db.ts";
import { hideAddresses, listOpenAlerts, presentAlert } from "../archive/index.ts";
import type { Watchers } from "./seen.ts";

/** What a scope names, in the order in which people say it. */
const PLACES = ["source", "site", "block", "domain", "deliveryId", "provider"] as const;

export const PLATFORM_WATCHERS: Watchers = {
  "quarantine-growth": async ({ db, now, thresholds }) => {
    const [row] = await db.query<{ count: number }>(
      "select count(*) as count from quarantine where status = 'quarantined' and updated_at >= $1",
      [timestamp(now - DAY)],
    );
    return row && row.count > thresholds.count ? [{ subject: "", detail: row }] : [];
  },

  "quarantine-held": async ({ db }) => {
    const rows = await db.query<{ provider: string | null; count: number }>(
      "select provider, count(*) as count from quarantine where status = 'held' group by provider",
    );
    return rows.map((detail) => ({ subject: detail.provider ?? "", detail }));
  },

  "lane-suspended": async ({ db, now, thresholds }) => {
    const rows = await db.query<{
      scope: Partial<Record<(typeof PLACES)[number], string | number | null>>;
      provider: string;
      evidence: string;
      at: number;
    }>(
      `select distinct on (scope) scope, provider, evidence, at from shaping_events
        where kind = 'restricted' and ended_at is null and (until is null or until > $1) and effect->>'kind' = 'suspend'
          and at < $2 order by scope, at`,
      [timestamp(now), timestamp(now - thresholds.minutes * MINUTE)],
    );
    return rows.map(({ scope, provider, evidence, at }) => {
      const what = PLACES.flatMap((name) => scope[name] ?? []).join(" ");
      return { subject: what, detail: { what, provider, evidence, since: formatInstant(at) } };
    });
  },

  "shaping-rule": async ({ db, now }) => {
    const rows = await db.query<{ rule: string; provider: string; evidence: string }>(
      `select distinct on (rule, provider) rule, provider, evidence from shaping_events
        where kind = 'alert' and at >= $1 order by rule, provider, at desc`,
      [timestamp(now - DAY)],
    );
    return rows.map((detail) => ({ subject: `${detail.rule} ${detail.provider}`, detail }));
  },

  archive: async ({ db }) =>
    (await listOpenAlerts(db)).map((row) => {
      const { id, message, deliveryId } = presentAlert(row);
      return { subject: id, detail: { message: hideAddresses(message), ...(deliveryId !== null && { deliveryId }) } };
    }),

  "mailbox-failing": async ({ db, thresholds }) => {
    const rows = await db.query<{ id: number; name: string; failures: number; error: string | null }>(
      "select id, name, failures, last_error as error from mailboxes where enabled and failures >= greatest($1, 1)",
      [thresholds.count],
    );
    return rows.map(({ id, ...detail }) => ({ subject: String(id), detail }));
  },

  "service-mail": async ({ db, now, window }) => {
    const rows = await db.query<{ id: number; mail: string; name: string; reason: string }>(
      `select s.id, w.mail, s.name,
              case when p.template_id is null then 'the template ' || w.template || ' is gone or not published'
                   else last.problem end as reason
         from services s
        cross join lateral (values ('confirmation', s.confirmation_template), ('welcome', s.welcome_template),
                                   ('goodbye', s.goodbye_template)) as w(mail, template)
         left join published_templates p on p.template_id = w.template
         left join lateral (
           select problem from service_mails m
            where m.service_id = s.id and m.kind = w.mail and m.template_id = w.template and m.due_at is null and m.at >= $1
              and (m.sent_as = 'template' or m.problem not in ('denylisted', 'quarantined')) and m.at >= p.published_at
            order by m.id desc limit 1) last on true
        where w.template is not null and (p.template_id is null or last.problem <> '')`,
      [timestamp(now - window)],
    );
    return rows.map(({ id, ...detail }) => ({
      subject: `${id} ${detail.mail}`,
      detail: { serviceId: String(id), ...detail },
    }));
  },

  "webhook-failing": async ({ db, now, thresholds }) => {
    const rows = await db.query<{ id: number; url: string; error: string | null; failures: number }>(
      "select id, url, last_error as error, failures from webhooks where enabled and failing_since <= $1",
      [timestamp(now - thresholds.minutes * MINUTE)],
    );
    return rows.map(({ id, ...detail }) => ({ subject: String(id), detail }));
  },

  "webhook-disabled": async ({ db }) => {
    const rows = await db.query<{ id: number; url: string; error: string }>(
      "select id, url, disabled_reason as error from webhooks where not enabled and disabled_reason is not null",
    );
    return rows.map(({ id, ...detail }) => ({ subject: String(id), detail }));
  },

  "retention-failed": async ({ db }) => {
    const [row] = await db.query<{ id: number; failed: number }>(
      "select id, failed from retention_runs where not dry_run and finished_at is not null order by id desc limit 1",
    );
    return row && row.failed > 0 ? [{ subject: "", detail: { failed: row.failed } }] : [];
  },

  "disk-low": async ({ around, thresholds }) => {
    const free = await around.freeBytes();
    const gigabytes = free === null ? Infinity : free / 1024 ** 3;
    return gigabytes < thresholds.gigabytes
      ? [{ subject: "", detail: { gigabytes: Number(gigabytes.toFixed(1)) } }]
      : [];
  },

  "certificate-expiring": async ({ around, thresholds, now }) => {
    const certificate = await around.certificate();
    if (certificate === null || certificate.validUntil > now + thresholds.days * DAY) return [];
    const { name, validUntil } = certificate;
    return [{ subject: name, detail: { name, validUntil: formatInstant(validUntil), isOver: validUntil <= now } }];
  },

  "domain-dns": async ({ around }) =>
    (await around.dnsErrors()).map((error) => ({ subject: `${error.domain} ${error.check}`, detail: error })),
};
