/** Reply texts, bounce rules and past messages judged again, in memory: hostile and long texts among them. */
import type {
  BounceRuleAnswer,
  BounceRuleInput,
  ReplyTextAnswer,
  Requalification,
  ShippedBounceRule,
  TriedRules,
  TryRules,
} from "../../src/contract/reply-texts.ts";
import { type Answer, type Call, ok, page, problem } from "./fixture-answer.ts";
import { ago } from "./fixture-data.ts";

const DAY_MINUTES = 24 * 60;

function textOf(id: number, over: Partial<ReplyTextAnswer> & Pick<ReplyTextAnswer, "text">): ReplyTextAnswer {
  return {
    id: String(id),
    firstText: over.text.replaceAll("#xxx#", "4Xy92kQ1").replaceAll("*", "<kim@example.org>"),
    code: 550,
    enhancedCode: "5.9.9",
    count: 1,
    providers: ["other"],
    stages: ["rcpt"],
    firstSeenAt: ago(40 * DAY_MINUTES),
    lastSeenAt: ago(30),
    state: "to-qualify",
    type: "not-defined",
    reason: "not-defined",
    rule: "default-unknown",
    qualifiedAt: null,
    qualifiedBy: null,
    version: 1,
    ...over,
  };
}

const LONG = `554 5.9.0 ${"the message was put aside by policy number #xxx# of the gateway and ".repeat(20)}no more`;

function makeTexts(): ReplyTextAnswer[] {
  return [
    textOf(9, {
      text: "550 5.9.9 *: the moon is in the wrong house, ticket #xxx#",
      count: 12_480,
      providers: ["google", "outlook", "other"],
      stages: ["rcpt", "async"],
    }),
    textOf(8, { text: LONG, code: 554, enhancedCode: "5.9.0", count: 3 }),
    textOf(7, {
      text: '550 \u202Egro.elpmaxe@live\u202C <script>alert(1)</script> <img src=x onerror="alert(1)"> مرحبا 邮箱已满',
      enhancedCode: null,
      count: 41,
    }),
    textOf(6, {
      text: "452 4.2.2 *: mailbox is over quota (#xxx# MB)",
      code: 452,
      enhancedCode: "4.2.2",
      count: 812,
      state: "keep",
      type: "soft",
      reason: "mailbox-full",
      rule: "mailbox-full",
    }),
    textOf(5, {
      text: "550 5.1.1 * is no longer with us",
      enhancedCode: "5.1.1",
      count: 77,
      state: "keep",
      type: "hard",
      reason: "user-unknown",
      qualifiedAt: ago(3000),
      qualifiedBy: "admin",
    }),
    textOf(4, { text: "421 too busy, see https://example.org/#xxx#", code: 421, enhancedCode: null, state: "ignore" }),
  ];
}

const input = (over: Partial<BounceRuleInput> & Pick<BounceRuleInput, "name">): BounceRuleInput => ({
  enabled: true,
  stage: ["rcpt", "dot"],
  code: ["550"],
  enhanced: null,
  text: ["moon * house"],
  notText: null,
  mx: null,
  verdict: { type: "soft", reason: "refused", action: null, scope: "message" },
  source: "",
  examples: [{ reply: "550 5.9.9 the moon is in the wrong house", stage: "rcpt", mx: null }],
  ...over,
});

const stored = (id: number, position: number, rule: BounceRuleInput): BounceRuleAnswer => ({
  ...rule,
  id: String(id),
  position,
  version: 1,
  createdAt: ago(9000),
  updatedAt: ago(90),
  warnings: [],
});

function makeOwn(): BounceRuleAnswer[] {
  const message = 'The rule "partner-blocks" before it takes this example. Put the rule further up.';
  const hidden = stored(
    3,
    3,
    input({ name: "partner-quota", code: null, text: ["over quota|limit", "$mailbox full"] }),
  );
  return [
    stored(1, 1, input({ name: "moon-house", enhanced: ["5.9.*"], notText: ["your house"], source: "ticket 4711" })),
    stored(2, 2, input({ name: "partner-blocks", mx: ["mx.partner.example"], enabled: false })),
    { ...hidden, warnings: [{ pointer: "/examples/0", message }] },
  ];
}

const shippedOf = (name: string, over: Partial<ShippedBounceRule>): ShippedBounceRule => {
  const { enabled: _, ...rule } = input({ name });
  return { ...rule, file: "40-mailbox.toml:12", ...over };
};

const SHIPPED: ShippedBounceRule[] = [
  shippedOf("google-over-rate", {
    file: "10-provider.toml:20",
    mx: ["google.com"],
    enhanced: ["5.2.1"],
    text: ["receiving mail at a rate"],
    verdict: { type: "ignored", reason: "refused", action: "slow", scope: "message" },
    source: "https://support.example.com/mail/answer/3726730",
  }),
  shippedOf("mailbox-full", {
    code: null,
    text: ["$mailbox full", "over quota", "quota exceeded"],
    verdict: { type: "soft", reason: "mailbox-full", action: null, scope: "address" },
  }),
  shippedOf("user-unknown-words", {
    file: "30-address.toml:4",
    text: ["user unknown", "no such user", "unknown user|recipient|mailbox"],
    verdict: { type: "hard", reason: "user-unknown", action: "fail", scope: "address" },
  }),
];

const runOf = (id: number, over: Partial<Requalification> = {}): Requalification => ({
  id: String(id),
  state: "completed",
  dryRun: false,
  textId: "5",
  text: "550 5.1.1 * is no longer with us",
  type: "hard",
  reason: "user-unknown",
  rule: null,
  since: ago(30 * DAY_MINUTES),
  actor: "admin",
  createdAt: ago(600),
  finishedAt: ago(599),
  undoneAt: null,
  undoneBy: null,
  undoUntil: new Date(Date.now() + 29 * DAY_MINUTES * 60_000).toISOString(),
  progress: { parts: 120, done: 120 },
  counts: { messages: 77, attempts: 81, deliveries: 3, quarantined: 75, released: 0, kept: 0 },
  error: null,
  ...over,
});

const ofRule = { textId: null, text: null, type: null, reason: null };

export function makeBounces(empty: boolean) {
  if (empty) return { texts: [] as ReplyTextAnswer[], rules: [] as BounceRuleAnswer[], runs: [] as Requalification[] };
  const counts = { messages: 4, attempts: 4, deliveries: 1, quarantined: 0, released: 4, kept: 2 };
  return {
    texts: makeTexts(),
    rules: makeOwn(),
    runs: [
      runOf(4),
      runOf(3, { ...ofRule, rule: "partner-quota", dryRun: true, undoUntil: null }),
      runOf(2, { ...ofRule, rule: "mailbox-full", state: "undone", undoUntil: null, undoneBy: "admin", counts }),
    ],
  };
}
type Bounces = ReturnType<typeof makeBounces>;

const NONE = "There is nothing with this id.";
const conflict = () => problem(412, "version-conflict", "Somebody else has changed it", "Read it again.");
const seen = (call: Call, version: number) => call.request.headers["if-match"] === `"${version}"`;

/** `/reply-texts…`, `/bounce-rules…`, `/requalifications…`. */
export function bouncesAnswer(world: Bounces, call: Call): Answer {
  const [, resource = "", id = "", verb = "", last = ""] = call.path.split("/").map(decodeURIComponent);
  if (resource === "bounce-rules") return ruleAnswer(world, call, id, verb);
  if (resource === "requalifications") return runAnswer(world, call, id, last);
  return textAnswer(world, call, id, verb, last);
}

function textAnswer(world: Bounces, call: Call, id: string, verb: string, last: string): Answer {
  const { texts } = world;
  const count = (state: ReplyTextAnswer["state"]) => texts.filter((each) => each.state === state).length;
  if (id === "counts") return ok({ toQualify: count("to-qualify"), keep: count("keep"), ignore: count("ignore") });
  if (last === "requalify") return requalify(world, call, id);
  if (verb === "requalify") return requalify(world, call, null);
  if (id === "") return page(found(texts, call.query), call.query);
  const text = texts.find((each) => each.id === id);
  if (text === undefined) return problem(404, "not-found", "There is no such reply text", NONE);
  if (verb === "rule") return ok(ruleOf(text));
  if (call.method === "GET") return ok({ ...text, ...aroundOf(text) });
  if (!seen(call, text.version)) return conflict();
  const said = JSON.parse(call.body) as Partial<ReplyTextAnswer>;
  const isOpen = said.state === "to-qualify";
  const by = { qualifiedAt: isOpen ? null : ago(0), qualifiedBy: isOpen ? null : "admin" };
  const state = said.state ?? "keep";
  return ok(Object.assign(text, said, by, { state, version: text.version + 1 }));
}

function found(texts: readonly ReplyTextAnswer[], query: URLSearchParams): ReplyTextAnswer[] {
  const [state, provider, type, search] = ["state", "provider", "type", "search"].map((name) => query.get(name));
  return texts.filter(
    (each) =>
      (!state || each.state === state) &&
      (!provider || each.providers.includes(provider)) &&
      (!type || each.type === type) &&
      (!search || each.text.toLowerCase().includes(search.toLowerCase())),
  );
}

function aroundOf({ firstText, count }: ReplyTextAnswer) {
  const days = [0, 1, 2, 5, 6, 13, 20].map((back) => ({
    day: ago(back * DAY_MINUTES).slice(0, 10),
    count: Math.ceil(count / (back + 2)),
  }));
  const examples = ["4-3", "4-20"].map((key, index) => ({
    key,
    recipient: index === 0 ? "dora.3@office.example" : `${"very.long.local.part.".repeat(4)}20@office.example`,
    at: ago(30 + index),
    stage: "rcpt",
    reply: firstText,
  }));
  return { days: days.toReversed(), examples };
}

const ruleOf = ({ id, firstText, type, reason, code, stages }: ReplyTextAnswer): BounceRuleInput =>
  input({
    name: `text-${id}`,
    stage: stages,
    code: code === null ? null : [String(code)],
    text: ["the moon is in the wrong house ticket"],
    verdict: { type, reason, action: null, scope: "message" },
    source: `reply text ${id}, qualified by admin`,
    examples: [{ reply: firstText, stage: "rcpt", mx: null }],
  });

function requalify(world: Bounces, call: Call, id: string | null): Answer {
  const asked = JSON.parse(call.body) as { dryRun: boolean; since: string; rule?: string };
  const text = world.texts.find((each) => each.id === id);
  const progress = { parts: 120, done: 36 };
  const of = text === undefined ? { ...ofRule, rule: asked.rule ?? null } : { textId: text.id, text: text.text };
  const { dryRun, since } = asked;
  const run = runOf(world.runs.length + 10, { ...of, dryRun, since, state: "running", progress, createdAt: ago(0) });
  world.runs.unshift(run);
  return ok(run, 202);
}

/** Who asks again finds it done. */
function runAnswer({ runs }: Bounces, call: Call, id: string, verb: string): Answer {
  if (id === "") return page(runs, call.query);
  const run = runs.find((each) => each.id === id);
  if (run === undefined) return problem(404, "not-found", "There is no such requalification", NONE);
  if (verb === "undo") return ok(Object.assign(run, { state: "undone", undoneBy: "admin", undoUntil: null }), 202);
  return ok(Object.assign(run, { state: "completed", progress: { parts: 120, done: 120 } }));
}

function ruleAnswer({ rules }: Bounces, call: Call, id: string, verb: string): Answer {
  if (id === "shipped") {
    const words = [
      { name: "mailbox", words: ["mailbox", "inbox", "mail box", "postfach", "boîte"] },
      { name: "full", words: ["full", "over quota"] },
    ];
    return ok({ data: SHIPPED, words });
  }
  if (id === "try") return tried(call);
  if (verb === "order") {
    const { ids } = JSON.parse(call.body) as { ids: string[] };
    rules.sort((left, right) => ids.indexOf(left.id) - ids.indexOf(right.id));
    for (const [index, rule] of rules.entries()) rule.position = index + 1;
    return ok({ data: rules, nextCursor: null });
  }
  if (id === "") return call.method === "POST" ? save(rules, null, call) : ok({ data: rules, nextCursor: null });
  const rule = rules.find((each) => each.id === id);
  if (rule === undefined) return problem(404, "not-found", "There is no such bounce rule", NONE);
  if (call.method === "GET") return ok(rule);
  if (!seen(call, rule.version)) return conflict();
  if (call.method === "PATCH") return save(rules, rule, call);
  rules.splice(rules.indexOf(rule), 1);
  return { status: 204 };
}

function refusals({ name, text, code, examples }: BounceRuleInput, prefix = ""): Answer | null {
  const error = (pointer: string, message: string) => ({ pointer: prefix + pointer, code: "invalid", message });
  const errors = [
    ...(/^[a-z0-9-]+$/.test(name) ? [] : [error("/name", "a name is lower case words joined by hyphens")]),
    ...(code ?? []).flatMap((each, index) =>
      /^[45]/.test(each) ? [] : [error(`/code/${index}`, `code "${each}" is not like 550, 55x or 5xx`)],
    ),
    ...(text ?? []).flatMap((each, index) =>
      each.includes("$nothing") ? [error(`/text/${index}`, "no such list")] : [],
    ),
    ...examples.flatMap(({ reply }, index) =>
      reply === "" ? [error(`/examples/${index}/reply`, "Too small: at least 1 character")] : [],
    ),
  ];
  return errors.length === 0
    ? null
    : problem(422, "invalid-input", "The input is not valid", "See the fields.", errors);
}

function save(rules: BounceRuleAnswer[], rule: BounceRuleAnswer | null, call: Call): Answer {
  const given = JSON.parse(call.body) as BounceRuleInput;
  const refused = refusals(given);
  if (refused !== null) return refused;
  if (rule !== null) return ok(Object.assign(rule, given, { version: rule.version + 1, warnings: [] }));
  const made = stored(10 + rules.length, rules.length + 1, given);
  rules.push(made);
  return ok(made, 201);
}

function tried(call: Call): Answer {
  const { days, change } = JSON.parse(call.body) as TryRules;
  const refused = "rule" in change ? refusals(change.rule, "/change/rule") : null;
  if (refused !== null) return refused;
  const before = { type: "not-defined", reason: "not-defined", action: "retry", scope: "message" } as const;
  const after = { type: "hard", reason: "user-unknown", action: "fail", scope: "address" } as const;
  const answer: TriedRules = {
    days,
    count: 184_220,
    changed: 12_480,
    newlyHard: 12_439,
    noLongerHard: 41,
    truncated: true,
    changes: [
      {
        before: { ...before, rule: "default-unknown" },
        after: { ...after, rule: "moon-house" },
        texts: 2,
        count: 12_439,
        examples: ["550 5.9.9 <kim@example.org>: the moon is in the wrong house, ticket 4Xy92kQ1", LONG],
      },
      {
        before: { ...after, rule: "user-unknown-words" },
        after: { ...before, type: "soft", reason: "refused", rule: "moon-house" },
        texts: 1,
        count: 41,
        examples: ["550 \u202Egro.elpmaxe@live\u202C <script>alert(1)</script>"],
      },
    ],
  };
  return ok(answer);
}
