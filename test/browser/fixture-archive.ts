/** What the stand-in answers about the archive: the ledger, its copies, the archives. Made from counters, like the rest. */
import type {
  Archive,
  ArchiveInput,
  ArchiveLedger,
  ArchiveTest,
  Copy,
  DeliveryEvent,
} from "../../src/contract/index.ts";
import { type Answer, type Call, ok, page, problem } from "./fixture-answer.ts";
import { ago } from "./fixture-data.ts";

const REFUSAL = "452 4.2.2 The archive mailbox is over its quota, try again later";

export const makeArchive = (empty: boolean) => ({
  archives: empty ? [] : makeArchives(),
  ledger: makeLedger(empty),
  copies: empty ? [] : makeCopies(),
});
export type ArchiveWorld = ReturnType<typeof makeArchive>;

function makeArchives(): Archive[] {
  const common = { enabled: true, hasSecret: false, version: 2, createdAt: ago(90_000), updatedAt: ago(4000) };
  const rule = { senderDomains: [], natures: [], onlyNamed: false };
  return [
    {
      ...common,
      id: "1",
      name: "Compliance mailbox",
      rule,
      hasSecret: true,
      target: {
        kind: "smtp",
        address: "copies@archive.example",
        server: "mx.archive.example:587",
        user: "envoi",
        tls: "required",
        connections: 10,
        ratePerMinute: 400,
      },
    },
    {
      ...common,
      id: "2",
      name: "Files of statements",
      rule: { ...rule, senderDomains: ["bank.example"], natures: ["service"], onlyNamed: true },
      target: { kind: "files", zip: true, zipBatch: 10_000, purgeAfter: "180d" },
    },
    // As somebody without the right sees it.
    {
      ...common,
      id: "3",
      name: "Mailbox of the auditors",
      enabled: false,
      rule,
      target: { kind: "smtp", address: null, tls: "opportunistic", connections: 2 },
    },
  ];
}

function makeLedger(empty: boolean): ArchiveLedger {
  if (empty) {
    const none = { due: 0, archived: 0, owed: 0, givenUp: 0, oldestDebtAt: null, ratePerMinute: null };
    return { ...none, debtLimit: 100_000, byArchive: [], alerts: [] };
  }
  const alert = { at: ago(12), deliveryId: null };
  return {
    due: 148_090,
    archived: 92_640,
    owed: 55_430,
    givenUp: 20,
    oldestDebtAt: ago(3 * 1440 + 125),
    ratePerMinute: 396,
    debtLimit: 100_000,
    byArchive: [
      {
        id: "1",
        name: "Compliance mailbox",
        kind: "smtp",
        enabled: true,
        due: 147_000,
        archived: 91_550,
        owed: 55_430,
        givenUp: 20,
        lastReply: REFUSAL,
        lastReplyAt: ago(1),
        failing: true,
      },
      {
        id: "9",
        name: "Old folder",
        kind: "files",
        enabled: false,
        due: 1090,
        archived: 1090,
        owed: 0,
        givenUp: 0,
        lastReply: "written",
        lastReplyAt: ago(50_000),
        failing: false,
      },
    ],
    alerts: [
      {
        ...alert,
        id: "5",
        kind: "given-up",
        archiveId: "1",
        deliveryId: "8",
        message: "Compliance mailbox did not take 20 copies within 7 days",
        keys: Array.from({ length: 20 }, (_, index) => `4-${index}`),
        count: 20,
      },
      {
        ...alert,
        id: "6",
        kind: "debt-50",
        archiveId: null,
        message: "55,430 copies are owed; at 100,000 deliveries with copies wait",
        keys: [],
        count: 55_430,
      },
    ],
  };
}

const STATES = ["archived", "owed", "archived", "given-up", "owed"] as const;

function makeCopies(): Copy[] {
  return Array.from({ length: 130 }, (_, index) =>
    copyOf(`4-${index}`, STATES[index % STATES.length] ?? "owed", index),
  );
}

export function copyOf(key: string, state: Copy["state"], minutes: number): Copy {
  const archived = state === "archived";
  return {
    key,
    deliveryId: "12",
    archiveId: "1",
    archiveName: "Compliance mailbox",
    state,
    attempts: archived ? 1 : 3,
    inDoubt: false,
    inert: false,
    seed: false,
    dueSince: ago(minutes + 2),
    nextAttemptAt: state === "owed" ? ago(-minutes - 1) : null,
    archivedAt: archived ? ago(minutes) : null,
    reply: archived ? "250 2.0.0 Ok: queued as 4Zx81" : REFUSAL,
    digest: "9a".repeat(32),
    location: null,
  };
}

const AUDIT: DeliveryEvent[] = [
  {
    id: "9",
    at: ago(4000),
    kind: "changed",
    actor: "admin",
    detail: { changes: [{ field: "target.connections", from: 4, to: 10 }] },
  },
  {
    id: "2",
    at: ago(90_000),
    kind: "created",
    actor: "admin",
    detail: { changes: [{ field: "name", from: null, to: "Compliance mailbox" }] },
  },
];

/** `/archive…` and `/archives…`. */
export function archiveAnswer(world: ArchiveWorld, call: Call): Answer {
  const [, resource = "", id = "", part = "", verb = ""] = call.path.split("/").map(decodeURIComponent);
  if (resource === "archives")
    return part === "audit" ? page(AUDIT, call.query) : archivesAnswer(world, call, id, verb);
  const { ledger } = world;
  if (id === "copies") return page(copiesOf(world, call.query), call.query);
  if (id === "actions") {
    const { keys } = JSON.parse(call.body || "{}") as { keys?: string[] };
    const reopened = keys?.length ?? 0;
    return ok({ retried: keys === undefined ? ledger.owed : reopened, reopened });
  }
  if (id === "alerts") {
    world.ledger = { ...ledger, alerts: ledger.alerts.filter((alert) => alert.id !== part) };
    return { status: 204 };
  }
  return ok(ledger);
}

const copiesOf = ({ copies }: ArchiveWorld, query: URLSearchParams): Copy[] =>
  copies.filter(
    (copy) =>
      (query.get("state") ?? copy.state) === copy.state &&
      (query.get("archive") ?? copy.archiveId) === copy.archiveId &&
      (query.get("delivery") ?? copy.deliveryId) === copy.deliveryId,
  );

function archivesAnswer({ archives }: ArchiveWorld, call: Call, id: string, verb: string): Answer {
  if (id === "") return call.method === "POST" ? saved(archives, null, call) : page(archives, call.query);
  const found = archives.find((each) => each.id === id);
  if (found === undefined) return problem(404, "not-found", "There is no such archive", `No archive has the id ${id}.`);
  if (verb === "test") return ok(testOf(found));
  if (call.method === "GET") return ok(found);
  if (call.request.headers["if-match"] !== `"${found.version}"`) {
    return problem(412, "version-conflict", "Somebody else has changed it", "Read it again.");
  }
  if (call.method === "PUT") return saved(archives, found, call);
  if (found.id === "1") {
    const detail = "It is owed 55430 copies. Wait for them, or give them up first.";
    return problem(409, "archive-in-use", "The archive is needed still", detail);
  }
  archives.splice(archives.indexOf(found), 1);
  return { status: 204 };
}

function saved(archives: Archive[], found: Archive | null, { body }: Call): Answer {
  const { name, enabled, rule, target } = JSON.parse(body) as ArchiveInput;
  if (target.kind === "smtp" && !target.address.includes("@")) {
    return problem(422, "invalid-input", "The archive is not right", "See the fields.", [
      { pointer: "/target/address", code: "invalid-address", message: "The address has no @" },
    ]);
  }
  const known = { id: String(10 + archives.length), createdAt: ago(0), hasSecret: false };
  const next: Archive = {
    ...(found ?? known),
    name,
    enabled,
    rule,
    target: withoutSecret(target),
    hasSecret: found?.hasSecret === true || secretOf(target) !== undefined,
    version: (found?.version ?? 0) + 1,
    updatedAt: ago(0),
  };
  if (found === null) archives.push(next);
  else Object.assign(found, next);
  return ok(next, found === null ? 201 : 200);
}

function withoutSecret(target: ArchiveInput["target"]): Archive["target"] {
  const { password: _password, secretAccessKey: _key, ...rest } = { password: "", secretAccessKey: "", ...target };
  return rest as Archive["target"];
}

const secretOf = (target: ArchiveInput["target"]): string | undefined =>
  target.kind === "smtp" ? target.password : target.kind === "s3" ? target.secretAccessKey : undefined;

function testOf({ target }: Archive): ArchiveTest {
  if (target.kind !== "smtp") return { ok: true, detail: "One file was written, read back and removed.", dialogue: [] };
  const dialogue = [
    "S: 220 mx.archive.example ESMTP",
    "C: EHLO envoi.example",
    "S: 250-mx.archive.example",
    "S: 250 STARTTLS",
    "C: AUTH PLAIN ********",
    "S: 235 2.7.0 Authentication successful",
    "C: MAIL FROM:<bounces@shop.example>",
    "S: 250 2.1.0 Ok",
    "C: RCPT TO:<copies@archive.example>",
    `S: ${REFUSAL}`,
  ];
  return { ok: false, detail: "The server refused the address.", dialogue };
}
