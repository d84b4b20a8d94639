/** What the stand-in knows of addresses that failed, and of those whose errors are ignored. */
import type { QuarantineEntry } from "../../src/contract/index.ts";
import type { AllowedAddress, HeldGroup } from "../../src/contract/quarantine.ts";
import { type Answer, type Call, ok, page, problem } from "./fixture-answer.ts";
import { ago } from "./fixture-data.ts";

const UNKNOWN = "550 5.1.1 Recipient address rejected: User unknown in virtual mailbox table";

export const makeQuarantine = (empty: boolean) => ({
  entries: empty ? [] : makeEntries(),
  held: empty ? [] : makeHeld(),
  allowed: empty ? [] : makeAllowed(),
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
