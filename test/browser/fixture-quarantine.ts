/** What the stand-in knows of addresses that failed, of mail that came in, and of the mailboxes that it is fetched from. */
import type { QuarantineEntry } from "../../src/contract/index.ts";
import type { InboundMailEntry } from "../../src/contract/inbound.ts";
import type { Mailbox, MailboxInput } from "../../src/contract/mailboxes.ts";
import type { AllowedAddress, HeldGroup } from "../../src/contract/quarantine.ts";
import { type Answer, type Call, ok, page, problem } from "./fixture-answer.ts";
import { ago } from "./fixture-data.ts";

const UNKNOWN = "550 5.1.1 Recipient address rejected: User unknown in virtual mailbox table";

export const makeQuarantine = (empty: boolean) => ({
  entries: empty ? [] : makeEntries(),
  held: empty ? [] : makeHeld(),
  allowed: empty ? [] : makeAllowed(),
  mails: empty ? [] : makeMails(),
  mailboxes: empty ? [] : makeMailboxes(),
});
export type QuarantineWorld = ReturnType<typeof makeQuarantine>;

const change = (minutes: number, cause: string, rest: Partial<QuarantineEntry["history"][number]> = {}) => ({
  at: ago(minutes),
  status: "quarantined",
  reason: "user-unknown",
  errorText: "",
  messageKey: null,
  cause,
  actor: "",
  note: "",
  ...rest,
});

function entryOf(address: string, rest: Partial<QuarantineEntry> = {}): QuarantineEntry {
  return {
    address,
    status: "quarantined",
    reason: "user-unknown",
    errorText: UNKNOWN,
    errors: 1,
    held: false,
    provider: "outlook",
    updatedAt: ago(1500),
    history: [change(1500, "error", { errorText: UNKNOWN, messageKey: "2-17" })],
    ...rest,
  };
}

function makeEntries(): QuarantineEntry[] {
  const full = { reason: "mailbox-full", errorText: "452 4.2.2 The email account is over quota", errors: 3 };
  return [
    entryOf("gone@office.example", {
      history: [
        change(1500, "error", { errorText: UNKNOWN, messageKey: "2-17" }),
        change(9000, "released", { status: "valid", actor: "admin", note: "The customer called: the mailbox is back" }),
        change(9300, "imported", { actor: "admin", note: "suppressions-2025.csv" }),
      ],
    }),
    entryOf("closed@webpost.example", { provider: null, updatedAt: ago(3000) }),
    entryOf("typo@bigmial.example", { reason: "invalid-domain", errorText: "550 5.4.4 Host not found" }),
    entryOf("full@bigmail.example", { ...full, status: "with-errors", provider: "other" }),
    entryOf("new.a@webpost.example", { status: "with-errors", held: true, updatedAt: ago(20) }),
    entryOf("new.b@webpost.example", { status: "with-errors", held: true, updatedAt: ago(10) }),
    entryOf("angry@office.example", { status: "denylisted", reason: "complaint", errorText: null, errors: 0 }),
    entryOf(`${"very-long-".repeat(7)}name@${"department.".repeat(8)}example`, {
      errorText: `550-5.7.1 <b>${"A".repeat(400)}</b>\n550 5.7.1 مرحبا & "quoted"`,
    }),
  ];
}

const makeHeld = (): HeldGroup[] => [
  { provider: "outlook", count: 1312, since: ago(95), until: ago(4), example: UNKNOWN },
  { provider: null, count: 1, since: ago(20), until: ago(20), example: "550 unknown" },
];

const makeAllowed = (): AllowedAddress[] => [
  { address: "board@partner.example", note: "Strict filter, mail arrives anyway", actor: "admin", at: ago(4000) },
  { address: "probe@shop.example", note: "", actor: "admin", at: ago(90_000) },
];

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

const without = ({ history: _history, ...row }: QuarantineEntry) => row;
const jsonOf = <T>({ body }: Call): T => JSON.parse(body || "{}") as T;
const isHeld = (entry: QuarantineEntry) => entry.held && entry.status === "with-errors";

/** Bodies of files have the name of the file; a row without an address is refused. */
const IMPORTED = {
  total: 1240,
  taken: 1236,
  failed: 4,
  errors: [
    { line: 17, value: "ann@@example.com", detail: "the address has two @" },
    { line: 40, value: "", detail: "there is no address" },
    { line: 512, value: "bob@example.com", detail: "status blocked is neither quarantined nor denylisted" },
  ],
};

/** `/quarantine…`. */
export function quarantineAnswer(world: QuarantineWorld, call: Call): Answer {
  const [, , id = "", part = ""] = call.path.split("/").map(decodeURIComponent);
  switch (id) {
    case "":
      return call.method === "POST" ? putIn(world, call) : page(listed(world, call.query).map(without), call.query);
    case "held":
      return part === "" ? ok({ data: world.held }) : decide(world, part, call.path.endsWith("/confirm"));
    case "import":
      return ok(IMPORTED);
    case "export":
      return { status: 200, text: "email,status\r\n", headers: { "content-type": "text/csv" } };
    case "actions":
      return releaseMany(world, call);
    default:
      return part === "actions" ? release(world, call, id) : ok(found(world, id));
  }
}

const found = ({ entries }: QuarantineWorld, address: string): QuarantineEntry =>
  entries.find((each) => each.address === address) ??
  entryOf(address, { status: "valid", reason: null, errorText: null, errors: 0, provider: null, history: [] });

function listed({ entries }: QuarantineWorld, query: URLSearchParams): QuarantineEntry[] {
  const [status, reason, provider, domain, text] = ["status", "reason", "provider", "domain", "text"].map((name) =>
    query.get(name),
  );
  return entries.filter(
    (entry) =>
      (!status || (status === "held" ? isHeld(entry) : entry.status === status)) &&
      (!reason || entry.reason === reason) &&
      (!provider || entry.provider === provider) &&
      (!domain || entry.address.endsWith(`@${domain}`)) &&
      (!text || (entry.errorText?.toLowerCase().includes(text.toLowerCase()) ?? false)),
  );
}

function putIn(world: QuarantineWorld, call: Call): Answer {
  const { address, status, reason, note } = jsonOf<{
    address: string;
    status: "quarantined" | "denylisted";
    reason?: string;
    note: string;
  }>(call);
  if (!address.includes("@")) return noAddress();
  const entry = entryOf(address, { status, reason: reason ?? "operator", errorText: null, errors: 0, provider: null });
  entry.history = [change(0, "put-in", { status, reason: entry.reason ?? "", actor: "admin", note })];
  world.entries = [entry, ...world.entries.filter((each) => each.address !== address)];
  return ok(entry, 201);
}

const noAddress = () =>
  problem(422, "invalid-input", "The address is not right", "See the field.", [
    { pointer: "/address", code: "invalid-address", message: "The address has no @" },
  ]);

function release(world: QuarantineWorld, call: Call, address: string): Answer {
  const { note, denylisted } = jsonOf<{ note: string; denylisted: boolean }>(call);
  const entry = found(world, address);
  if (entry.status === "denylisted" && !denylisted) {
    return problem(409, "address-denylisted", "The address is on the denylist", "Say so when that is meant.");
  }
  Object.assign(entry, { status: "valid", held: false, reason: null, errorText: null, errors: 0 });
  entry.history.unshift(change(0, "released", { status: "valid", actor: "admin", note }));
  return ok(entry);
}

function releaseMany(world: QuarantineWorld, call: Call): Answer {
  const { dryRun, domain } = jsonOf<{ dryRun: boolean; domain?: string }>(call);
  const chosen = world.entries.filter(
    (entry) =>
      (entry.status === "quarantined" || isHeld(entry)) &&
      (domain === undefined || entry.address.endsWith(`@${domain}`)),
  );
  if (!dryRun) world.entries = world.entries.filter((entry) => !chosen.includes(entry));
  return ok({ dryRun, count: chosen.length, examples: chosen.slice(0, 3).map(({ address }) => address) });
}

function decide(world: QuarantineWorld, provider: string, confirmed: boolean): Answer {
  const group = world.held.find((each) => each.provider === provider);
  world.held = world.held.filter((each) => each !== group);
  for (const entry of world.entries.filter(isHeld)) {
    Object.assign(entry, { held: false, status: confirmed ? "quarantined" : "valid" });
  }
  return ok({ count: group?.count ?? 0 });
}

/** `/allowlist…`. */
export function allowlistAnswer(world: QuarantineWorld, call: Call): Answer {
  const [, , id = ""] = call.path.split("/").map(decodeURIComponent);
  if (id === "import") return ok(IMPORTED);
  if (call.method === "DELETE") {
    world.allowed = world.allowed.filter(({ address }) => address !== id);
    return { status: 204 };
  }
  if (call.method === "GET") return page(world.allowed, call.query);
  const { address, note } = jsonOf<{ address: string; note: string }>(call);
  if (!address.includes("@")) return noAddress();
  const allowed = { address, note, actor: "admin", at: ago(0) };
  world.allowed = [allowed, ...world.allowed];
  return ok(allowed, 201);
}

/** `/inbound-mails…`. */
export function inboundAnswer({ mails }: QuarantineWorld, { path, query }: Call): Answer {
  if (path.endsWith("/raw")) return { status: 200, text: RAW, headers: { "content-type": "text/plain" } };
  const matches = (mail: InboundMailEntry) =>
    (["kind", "outcome", "state", "address"] as const).every(
      (name) => (query.get(name) ?? mail[name]) === mail[name],
    ) &&
    (query.get("delivery") ?? mail.deliveryId) === mail.deliveryId &&
    (query.get("message") ?? mail.messageKey) === mail.messageKey;
  return page(mails.filter(matches), query);
}

/** `/mailboxes…`. */
export function mailboxAnswer(world: QuarantineWorld, call: Call): Answer {
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

function savedMailbox(world: QuarantineWorld, found_: Mailbox | null, call: Call): Answer {
  const { auth, port, ...given } = jsonOf<MailboxInput>(call);
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
