/**
 * The world of the browser tests: deliveries in every state, a log, imports, an inbox. Made from counters, so that it is the
 * same each time; the moving delivery moves only when it is told to (`tick`). Addresses are under `.example` and `.test`.
 */
import {
  type Checklist,
  type Delivery,
  type DeliveryEvent,
  type DeliverySummary,
  type Destination,
  type Exclusion,
  type ImportError,
  type ImportStatus,
  type Indicators,
  type LiveIndicators,
  settingsSchema,
} from "../../src/contract/index.ts";

export const START = Date.now();
/** Minutes before the tests began. */
export const ago = (minutes: number): string => new Date(START - minutes * 60_000).toISOString();

export type Stored = {
  delivery: Delivery;
  indicators: Indicators;
  onWire: number;
  rate: number | null;
  waitingFor?: string;
};

export const NOTHING: Indicators = {
  targeted: 0,
  excluded: 0,
  toDeliver: 0,
  takenIntoAccount: 0,
  sent: 0,
  failed: 0,
  pending: 0,
  cancelled: 0,
  inDoubt: 0,
  successRate: 0,
  copies: { due: 0, archived: 0, owed: 0, givenUp: 0 },
};

const HTML = `<!doctype html>
<html>
  <body style="font-family: Georgia, serif">
    <h1>Spring is here, {{ recipient.first_name }}</h1>
    <p>Your nearest shop in {{ recipient.city }} opens at nine.</p>
    <p><a href="https://shop.example/spring">See what is new</a></p>
  </body>
</html>
`;

export function deliveryOf(
  id: string,
  label: string,
  state: Delivery["state"],
  over: Partial<Delivery> = {},
): Delivery {
  return {
    id,
    label,
    state,
    folder: null,
    code: "",
    category: "",
    description: "",
    holdReason: null,
    templateId: null,
    content: { subject: "Spring is here, {{ recipient.first_name }}", html: HTML, syntax: "liquid" },
    sender: { name: "Shop", address: "news@shop.example", replyTo: "help@shop.example" },
    audience: { import: "3" },
    settings: settingsSchema.parse({ headers: [{ name: "X-Shop", value: "{{ recipient.city }}" }] }),
    version: 3,
    analysed: state !== "editing",
    createdAt: ago(90),
    updatedAt: ago(60),
    analysedAt: state === "editing" ? null : ago(40),
    startedAt: null,
    finishedAt: null,
    effectiveValidity: "84h",
    validUntil: null,
    ...over,
  };
}

const counted = (figures: Partial<Indicators>): Indicators => {
  const all = { ...NOTHING, ...figures };
  const toDeliver = all.sent + all.failed + all.cancelled + all.pending + all.inDoubt;
  const targeted = toDeliver + all.excluded;
  return { ...all, toDeliver, targeted, successRate: toDeliver === 0 ? 0 : all.sent / toDeliver };
};

export function makeDeliveries(): Stored[] {
  const running = { startedAt: ago(4), validUntil: new Date(START + 5 * 86_400_000).toISOString() };
  const over = (minutes: number) => ({ startedAt: ago(minutes + 14), finishedAt: ago(minutes) });
  const stored = (delivery: Delivery, figures: Partial<Indicators> = {}, onWire = 0): Stored => ({
    delivery,
    indicators: counted(figures),
    onWire,
    rate: delivery.state === "in-progress" ? 2412 : null,
  });
  const moving = {
    sent: 53_240,
    failed: 412,
    pending: 41_512,
    takenIntoAccount: 356,
    inDoubt: 24,
    excluded: 4812,
    copies: { due: 53_260, archived: 41_003, owed: 12_249, givenUp: 8 },
  };
  const copied = settingsSchema.parse({ archive: { on: true, timing: "after" } });
  const untracked = settingsSchema.parse({ tracking: { opens: false, clicks: false }, mirror: "none" });
  const tested = settingsSchema.parse({ mode: "test-smtp" });
  const reply = "535 5.7.8 Authentication credentials invalid";
  return [
    stored(
      deliveryOf("12", "Spring collection, newsletter subscribers", "in-progress", { ...running, settings: copied }),
      moving,
      312,
    ),
    stored(deliveryOf("11", "Loyalty statement March", "paused", { ...running, holdReason: reply }), {
      sent: 120,
      pending: 8880,
      takenIntoAccount: 40,
      excluded: 96,
    }),
    stored(deliveryOf("10", "Opening of the Lyon shop", "ready"), { pending: 95_188, excluded: 4812 }),
    stored(deliveryOf("9", "Winter leftovers", "editing")),
    stored(deliveryOf("8", "Winter sale, second reminder", "finished", over(1500)), {
      sent: 94_020,
      failed: 1168,
      excluded: 4812,
    }),
    stored(deliveryOf("7", "Invitation to the wrong list", "stopped", { ...over(4300), settings: tested }), {
      sent: 1203,
      failed: 11,
      cancelled: 38_786,
      excluded: 310,
    }),
    stored(deliveryOf("6", "Winter sale", "finished", { ...over(9000), settings: untracked }), {
      sent: 93_876,
      failed: 1312,
      excluded: 4610,
    }),
  ];
}

export const summaryOf = ({ delivery, indicators }: Stored): DeliverySummary => {
  const { id, label, folder, code, category, state, holdReason, createdAt, startedAt, finishedAt } = delivery;
  return { id, label, folder, code, category, state, holdReason, createdAt, startedAt, finishedAt, ...indicators };
};

export const liveOf = ({ delivery, indicators, onWire, rate, waitingFor = "" }: Stored): LiveIndicators => ({
  ...indicators,
  state: delivery.state,
  holdReason: delivery.holdReason,
  onWire,
  waitingFor: waitingFor || null,
  rate,
  etaSeconds: rate === null || rate === 0 ? null : indicators.pending / rate,
  at: new Date().toISOString(),
});

export function destinationsOf({ indicators }: Stored): Destination[] {
  const shares: [string, number, string | null][] = [
    ["bigmail.example", 0.42, "250 2.0.0 OK 1763712345 a1-20020a05600c1d0b gsmtp"],
    ["webpost.example", 0.23, "421 4.7.0 [TSS04] Messages from 192.0.2.10 temporarily deferred due to user complaints"],
    ["orange-isp.example", 0.14, "250 2.0.0 XxYz1E00A1LcKqo03 mail accepted for delivery"],
    ["office.example", 0.11, "550 5.1.1 <user@office.example>: Recipient address rejected: User unknown"],
    ["quiet.example", 0.1, null],
  ];
  const part = (count: number, share: number) => Math.floor(count * share);
  return shares.map(([domain, share, lastReply]) => {
    const sent = part(indicators.sent, share);
    const failed = part(indicators.failed, share);
    const pending = part(indicators.pending, share);
    const retrying = part(indicators.takenIntoAccount, share);
    const lastReplyAt = lastReply === null ? null : ago(0);
    return { domain, toDeliver: sent + failed + pending, sent, failed, retrying, pending, lastReply, lastReplyAt };
  });
}

export function makeEvents(): DeliveryEvent[] {
  const event = (id: number, minutes: number, kind: string, actor: string, detail = {}): DeliveryEvent => ({
    id: String(id),
    at: ago(minutes),
    kind,
    actor,
    detail,
  });
  return [
    event(6, 1, "slowed", "sender", { domain: "webpost.example", reply: "421 4.7.0 [TSS04]" }),
    event(5, 4, "delivery.confirmed", "admin"),
    event(4, 40, "analysis.finished", "analysis", { targeted: 100_000, toDeliver: 95_188 }),
    event(3, 41, "analysis.started", "admin"),
    event(2, 60, "delivery.edited", "admin", { fields: "content" }),
    event(1, 90, "delivery.created", "admin"),
  ];
}

export const CHECKLIST: Checklist = {
  ready: true,
  analysed: true,
  targeted: 100_000,
  excluded: {
    "address-not-specified": 310,
    "invalid-address": 88,
    duplicate: 611,
    denylisted: 2401,
    quarantined: 1402,
  },
  toDeliver: 95_188,
  items: [
    { id: "no-text-part", level: "warning", title: "No text part", detail: "Some programs and filters expect one." },
    {
      id: "attribute-missing",
      level: "warning",
      title: "city is missing for 11,420 recipients",
      detail: "{{ recipient.city }} at line 5, column 33 of the HTML will be empty.",
    },
    { id: "size", level: "info", title: "A message has about 11 kB", detail: "" },
  ],
};

export const EXCLUSIONS: Exclusion[] = [
  { address: "", reason: "address-not-specified", detail: "line 17" },
  { address: "ada@@bigmail.example", reason: "invalid-address", detail: "line 40: two @" },
  { address: "Bruno.1@bigmail.example", reason: "duplicate", detail: "line 52: also line 3" },
  { address: "gone@office.example", reason: "quarantined", detail: "User unknown" },
  { address: "never@webpost.example", reason: "denylisted", detail: "Asked not to be written to" },
];

export function makeImports(): ImportStatus[] {
  const status = (id: string, fileName: string, counts: Partial<ImportStatus["counts"]>): ImportStatus => ({
    id,
    status: "completed",
    fileName,
    listId: null,
    counts: { total: 0, created: 0, updated: 0, skipped: 0, failed: 0, ...counts },
    error: null,
    errorsUrl: `/api/v1/imports/${id}/errors`,
    mode: "upsert",
    dryRun: false,
    undo: { until: null, state: "none", at: null, by: null, restored: 0, removed: 0, kept: 0 },
  });
  const detail = "line 1: no column is called email; the columns are name, town";
  return [
    {
      ...status("4", "visitors.csv", {}),
      status: "failed",
      error: {
        type: "about:blank",
        title: "The file has no email column",
        status: 422,
        detail,
        code: "csv-no-email-column",
      },
    },
    status("3", "subscribers-march.csv", {
      total: 100_000,
      created: 12_040,
      updated: 1310,
      skipped: 86_252,
      failed: 398,
    }),
    status("2", "subscribers-february.csv", { total: 98_400, created: 98_002, failed: 398 }),
  ];
}

export const IMPORT_ERRORS: ImportError[] = [
  { line: 17, column: "email", value: "", reason: "address-not-specified", detail: "The field is empty" },
  { line: 40, column: "email", value: "ada@@bigmail.example", reason: "invalid-address", detail: "Two @ in a row" },
  { line: 212, column: "", value: "chen;Lyon", reason: "malformed-row", detail: "2 fields where the header has 7" },
];
