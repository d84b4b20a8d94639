/** What tests of inbound mail start from: the real server with a real database, messages that were sent, and mails about them. */
import { fileURLToPath } from "node:url";

import { loadRules } from "../src/features/bounces/index.ts";
import { type InboundDeps, registerInboundApi, registerInboundList } from "../src/features/inbound/index.ts";
import { mintTag, type TokenKey } from "../src/core/tracking/token.ts";
import { AT, createPublicPages, KEY, seedMessages, type PublicPages } from "./public-pages.ts";

const BOUNCE_RULES = fileURLToPath(new URL("../rules/bounces", import.meta.url));

export const UNKNOWN = "550 5.1.1 User unknown";
export const FULL = "452 4.2.2 Mailbox full";
export const SPAM = "554 5.7.1 Message refused as spam";
/** Of another installation. */
export const OTHER_KEY: TokenKey = { id: 1, words: [9, 9, 9, 9] };

export const pathOf = (partId: number, seq = 0, key = KEY) => `news+${mintTag(key, { partId, seq })}@back.example`;

export const idOf = (partId: number, key = KEY) =>
  `${partId}-0.mi1a2b.${mintTag(key, { partId, seq: 0 })}@news.example`;

export type Report = {
  readonly to: string;
  readonly action: string;
  /** Of the recipient, beside the address and the action. */
  readonly fields?: readonly string[];
  readonly recipient?: string;
  /** The header of the message that is given back. */
  readonly returned?: string;
  /** Of the mail itself. */
  readonly head?: readonly string[];
};

export function report({
  to,
  action,
  fields = [],
  recipient = "ada@one.example",
  returned = "Subject: Hello",
  head = [],
}: Report): string {
  return [
    "From: MAILER-DAEMON@mx.one.example",
    `To: ${to}`,
    "Subject: Undelivered mail",
    ...head,
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
    "",
    "--b",
    "",
    "This is the mail system.",
    "--b",
    "Content-Type: message/delivery-status",
    "",
    "Reporting-MTA: dns; mx.one.example",
    "",
    `Final-Recipient: rfc822; ${recipient}`,
    `Action: ${action}`,
    ...fields,
    "",
    "--b",
    "Content-Type: text/rfc822-headers",
    "",
    returned,
    "--b--",
    "",
  ].join("\r\n");
}

export function bounce(to: string, action: string, diagnostic: string, returned?: string, recipient?: string): string {
  const fields = [`Diagnostic-Code: smtp; ${diagnostic}`];
  return report({ to, action, fields, ...(returned !== undefined && { returned }), ...(recipient && { recipient }) });
}

export function complaint(type: string, messageId: string) {
  return [
    "From: complaints@provider.example",
    "To: abuse@shop.example",
    "Subject: complaint",
    'Content-Type: multipart/report; report-type=feedback-report; boundary="b"',
    "",
    "--b",
    "",
    "A complaint.",
    "--b",
    "Content-Type: message/feedback-report",
    "",
    `Feedback-Type: ${type}`,
    "User-Agent: Provider/1.0",
    "Version: 1",
    "",
    "--b",
    "Content-Type: message/rfc822",
    "",
    `Message-ID: <${messageId}>`,
    "Subject: Hello",
    "",
    "Hello",
    "--b--",
    "",
  ].join("\r\n");
}

export type InboundRig = {
  readonly web: PublicPages;
  readonly deps: InboundDeps;
  /** Two messages, to ada@one.example and bob@two.example, that their servers took a minute ago. */
  sent(status?: string): Promise<{ readonly deliveryId: number; readonly partId: number }>;
  /** As a mail server's pipe does; where `query` says nothing else, with the null return path. */
  post(mail: string | Buffer, query?: string, type?: string): ReturnType<PublicPages["ask"]>;
  hand(mail: string): Promise<Record<string, unknown>>;
  /** Of the first message, its part and the quarantine. */
  stateOf(partId: number): Promise<{ message: unknown; part: unknown; quarantine: string[] }>;
  outcomes(): Promise<string[]>;
  /** Nothing of the test before is left. */
  clear(): Promise<void>;
};

export async function createInboundRig(): Promise<InboundRig> {
  const bounceRules = await loadRules(BOUNCE_RULES);
  let deps: InboundDeps | null = null;
  const web = await createPublicPages({
    api: (api, given) => {
      deps = { ...given, bounceRules };
      registerInboundApi(api, deps);
      registerInboundList(api, deps);
    },
  });
  if (deps === null) throw new Error("the routes were not registered");
  for (const table of ["message_attempts", "message_reactions", "archive_copies"]) {
    await web.db.query(`create table ${table}_of_tests partition of ${table} for values from (0) to (1000000)`);
  }
  const settings = {
    bounceDomain: "back.example",
    unsubscribeAddress: "unsubscribe@news.example",
    unqualifiedAddress: "people@shop.example",
  };
  await web.db.query("insert into platform_settings (settings, updated_at) values ($1, now())", [
    JSON.stringify(settings),
  ]);
  const post: InboundRig["post"] = (payload, query = "?sender=", type = "message/rfc822") =>
    web.ask("POST", `/api/v1/inbound${query}`, { payload, headers: { "content-type": type } });
  return {
    web,
    deps,
    sent: (status = "sent") => seedSent(web, status),
    post,
    hand: async (mail) => (await post(mail)).json() as Record<string, unknown>,
    stateOf: (partId) => stateOf(web, partId),
    outcomes: async () =>
      (await web.db.query<{ outcome: string }>("select outcome from inbound_mails order by id")).map((r) => r.outcome),
    clear: async () => {
      web.clock.at = AT;
      web.noted.length = 0;
      web.recognised.by = [];
      for (const table of ["quarantine", "recipients", "inbound_mails", "reply_texts", "unsubscriptions"]) {
        await web.db.query(`delete from ${table}`);
      }
    },
  };
}

async function seedSent(web: PublicPages, status: string) {
  const seeded = await seedMessages(web.db, [{ address: "ada@one.example" }, { address: "bob@two.example" }]);
  const at = new Date(AT - 60_000);
  await web.db.query("update messages set status = $2, attempts = 1, final_at = $3 where part_id = $1", [
    seeded.partId,
    status,
    at,
  ]);
  await web.db.query(
    `insert into message_attempts (part_id, seq, attempt, at, kind, code, reply)
     select part_id, seq, 1, final_at, 'accepted', 250, 'ok' from messages where part_id = $1`,
    [seeded.partId],
  );
  const column = status === "in-doubt" ? "in_doubt" : "sent";
  await web.db.query(`update delivery_parts set pending = 0, ${column} = 2 where id = $1`, [seeded.partId]);
  return seeded;
}

async function stateOf(web: PublicPages, partId: number) {
  const [message] = await web.db.query(
    "select status, type, reason, attempts from messages where part_id = $1 and seq = 0",
    [partId],
  );
  const [part] = await web.db.query("select sent, failed, in_doubt from delivery_parts where id = $1", [partId]);
  const quarantined = await web.db.query<{ status: string }>("select status from quarantine order by match_key");
  return { message, part, quarantine: quarantined.map(({ status }) => status) };
}
