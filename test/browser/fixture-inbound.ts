/** What the stand-in knows of mail that came in, and of the mailboxes that it is fetched from. */
import type { InboundMailDetail, InboundMailEntry } from "../../src/contract/inbound.ts";
import type { Mailbox, MailboxInput } from "../../src/contract/mailboxes.ts";
import { type Answer, type Call, ok, page, problem } from "./fixture-answer.ts";
import { ago } from "./fixture-data.ts";

export const makeInbound = (empty: boolean) => ({
  mails: empty ? [] : makeMails(),
  mailboxes: empty ? [] : makeMailboxes(),
});
export type InboundWorld = ReturnType<typeof makeInbound>;

const nothing = { error: null, outcome: null, messageKey: null, deliveryId: null, address: null, type: null };

function mailOf(id: number, rest: Partial<InboundMailEntry> = {}): InboundMailEntry {
  return {
    ...nothing,
    id: String(id),
    receivedAt: ago(600 - id),
    source: "smtp",
    recipient: `bounces+e1.4-${id}.7f3a9c@bounces.shop.example`,
    returnPath: "",
    size: 4180,
    hasRaw: true,
    state: "done",
    kind: "bounce",
    format: "rfc3464",
    reason: null,
    rule: null,
    forwardTo: [],
    forwardError: null,
    ...rest,
  };
}

function makeMails(): InboundMailEntry[] {
  const message = { messageKey: "4-5", deliveryId: "12", address: "never@webpost.example" };
  return [
    mailOf(509, { ...message, outcome: "failed", type: "hard", reason: "user-unknown", rule: "unknown-user-words" }),
    mailOf(508, { ...message, kind: "complaint", format: "arf", outcome: "complained" }),
    mailOf(507, {
      ...message,
      kind: "delayed",
      outcome: "reason",
      type: "soft",
      reason: "unreachable",
      rule: "delayed",
    }),
    mailOf(506, { kind: null, format: null, state: "waiting", source: "api" }),
    mailOf(505, {
      kind: null,
      format: null,
      state: "failed",
      error: "Error: the message of part 4 is older than its partition",
      forwardTo: ["postmaster@shop.example"],
      forwardError: "554 5.7.1 refused",
    }),
    mailOf(504, { ...message, kind: "auto-reply", format: "vacation", outcome: "noted" }),
    mailOf(503, { kind: "unsubscribe", format: null, outcome: "unsubscribed", address: "stop@office.example" }),
    mailOf(502, { recipient: null, returnPath: null, outcome: "not-found", hasRaw: false, size: 24_000_000 }),
    mailOf(501, {
      kind: "other",
      format: null,
      outcome: "no-wish",
      recipient: `x${"very-long-".repeat(20)}@shop.example`,
    }),
  ];
}

const RAW = [
  "From: MAILER-DAEMON@mx.webpost.example",
  "To: bounces+e1.4-5.7f3a9c@bounces.shop.example",
  "Subject: Undelivered Mail Returned to Sender",
  'Content-Type: multipart/report; report-type=delivery-status; boundary="=_b"',
  "",
  "<script>document.body.append('a script ran')</script>",
  "x".repeat(300),
].join("\r\n");

function mailboxOf(id: string, rest: Partial<Mailbox>): Mailbox {
  return {
    id,
    name: "Bounces",
    enabled: true,
    protocol: "imap",
    tls: "implicit",
    verifyCertificate: true,
    host: "imap.shop.example",
    port: 993,
    user: "bounces@shop.example",
    auth: { kind: "password" },
    hasSecret: true,
    folder: "INBOX",
    every: "5m",
    deleteProcessed: true,
    version: 2,
    createdAt: ago(90_000),
    updatedAt: ago(4000),
    state: {
      status: "waiting",
      polledAt: ago(3),
      succeededAt: ago(3),
      nextPollAt: ago(-2),
      failures: 0,
      error: null,
      note: null,
      found: 0,
      taken: 18_204,
      deleted: 18_204,
    },
    ...rest,
  };
}

function makeMailboxes(): Mailbox[] {
  const works = mailboxOf("1", {});
  return [
    { ...works, state: { ...works.state, note: "3 mails are larger than 25 MB and stay where they are", found: 3 } },
    mailboxOf("2", {
      name: "Complaints of the old platform",
      protocol: "pop3",
      tls: "starttls",
      host: "pop.office.example",
      port: 110,
      auth: {
        kind: "oauth2",
        refresh: { tokenUrl: "https://login.office.example/oauth2/v2.0/token", clientId: "envoi", scope: null },
      },
      state: {
        ...works.state,
        status: "failing",
        failures: 12,
        succeededAt: ago(4000),
        error: "-ERR [AUTH] Logon failure: unknown user name or bad password",
      },
    }),
    mailboxOf("3", {
      name: "Old",
      enabled: false,
      state: {
        ...works.state,
        status: "disabled",
        nextPollAt: null,
        polledAt: null,
        succeededAt: null,
        found: null,
        taken: 0,
        deleted: 0,
      },
    }),
  ];
}

/** A bounce names whom it is about, and one that nobody knows besides. */
function reportsOf({ kind, hasRaw, address, type, reason, rule }: InboundMailEntry): InboundMailDetail["reports"] {
  if (!hasRaw) return null;
  if (kind !== "bounce") return [];
  const said = { type, reason, code: 550, enhancedCode: "5.1.1", rule };
  return [
    { ...said, address, diagnostic: "550 5.1.1 User unknown" },
    { ...said, address: null, diagnostic: `550 5.1.1 ${"x".repeat(300)} <script>alert(1)</script>` },
  ];
}

/** `/inbound-mails…`. */
export function inboundAnswer({ mails }: InboundWorld, { path, query }: Call): Answer {
  if (path.endsWith("/raw")) return { status: 200, text: RAW, headers: { "content-type": "text/plain" } };
  const [, , id] = path.split("/");
  if (id !== undefined) {
    const mail = mails.find((each) => each.id === id);
    return mail ? ok({ ...mail, reports: reportsOf(mail) }) : problem(404, "not-found", "There is no such mail", id);
  }
  const matches = (mail: InboundMailEntry) =>
    (["kind", "outcome", "state", "address"] as const).every(
      (name) => (query.get(name) ?? mail[name]) === mail[name],
    ) &&
    (query.get("delivery") ?? mail.deliveryId) === mail.deliveryId &&
    (query.get("message") ?? mail.messageKey) === mail.messageKey;
  return page(mails.filter(matches), query);
}

/** `/mailboxes…`. */
export function mailboxAnswer(world: InboundWorld, call: Call): Answer {
  const [, , id = "", , verb = ""] = call.path.split("/").map(decodeURIComponent);
  if (id === "") return call.method === "POST" ? savedMailbox(world, null, call) : page(world.mailboxes, call.query);
  const mailbox = world.mailboxes.find((each) => each.id === id);
  if (mailbox === undefined) return problem(404, "not-found", "There is no such mailbox", id);
  if (verb === "test") {
    const refused = mailbox.state.error;
    return ok({ ok: refused === null, detail: refused ?? "Logged in.", messages: refused === null ? 42 : null });
  }
  if (verb === "poll") {
    if (!mailbox.enabled) return problem(409, "mailbox-disabled", "The mailbox is disabled", "Enable it first.");
    mailbox.state = { ...mailbox.state, status: "polling" };
    return ok(mailbox, 202);
  }
  if (call.method === "GET") return ok(mailbox);
  if (call.request.headers["if-match"] !== `"${mailbox.version}"`) {
    return problem(412, "version-conflict", "Somebody else has changed it", "Read it again.");
  }
  if (call.method === "PUT") return savedMailbox(world, mailbox, call);
  world.mailboxes = world.mailboxes.filter((each) => each !== mailbox);
  return { status: 204 };
}

function savedMailbox(world: InboundWorld, found_: Mailbox | null, call: Call): Answer {
  const { auth, port, ...given } = JSON.parse(call.body) as MailboxInput;
  if (given.host.includes(" ") || given.host === "") {
    return problem(422, "invalid-input", "The mailbox is not right", "See the fields.", [
      { pointer: "/host", code: "invalid_format", message: "a host is a name or an IP address" },
    ]);
  }
  const shown: Mailbox["auth"] =
    auth.kind === "password"
      ? { kind: "password" }
      : {
          kind: "oauth2",
          refresh:
            auth.refresh === undefined
              ? null
              : { tokenUrl: auth.refresh.tokenUrl, clientId: auth.refresh.clientId, scope: auth.refresh.scope ?? null },
        };
  const base = found_ ?? mailboxOf(String(10 + world.mailboxes.length), { version: 0 });
  const next = { ...base, ...given, auth: shown, port: port ?? 993, hasSecret: true, version: base.version + 1 };
  if (found_ === null) world.mailboxes.push(next);
  else Object.assign(found_, next);
  return ok(next, found_ === null ? 201 : 200);
}
