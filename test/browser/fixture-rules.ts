/** MX rules and providers in memory, and which rule the stand-in says applies. */
import type { z } from "zod";

import type { mxRuleAnswerSchema, providerAnswerSchema } from "../../src/contract/responses-shaping.ts";
import { type MxRuleInput, mxRuleSchema } from "../../src/contract/shaping.ts";
import { type Answer, type Call, ok, problem } from "./fixture-answer.ts";
import { ago } from "./fixture-data.ts";

type MxRule = z.infer<typeof mxRuleAnswerSchema>;
type Provider = z.infer<typeof providerAnswerSchema>;

const provider = (name: string, label: string, ...mx: string[]): Provider => ({
  name,
  label,
  mx,
  warmUp: name === "gmx" ? [500, 1000, 2000] : null,
  reactions: [`${name}-slow-down`, `${name}-block-list`],
});

const PROVIDERS: Provider[] = [
  provider("google", "Gmail and Google Workspace", "*.google.com", "*.googlemail.com"),
  provider("outlook", "Outlook.com and Hotmail", "*.olc.protection.outlook.com"),
  provider("yahoo", "Yahoo, AOL, AT&T", "*.yahoodns.net", "*.prodigy.net"),
  provider("apple", "iCloud Mail", "*.mail.icloud.com"),
  provider("gmx", "GMX, web.de, mail.com", "*.emig.gmx.net", "mx-ha0?.web.de"),
];

function ruleOf(id: string, position: number, input: Partial<MxRuleInput> & Pick<MxRuleInput, "name" | "mx">): MxRule {
  const whole = mxRuleSchema.parse({ connections: { min: 1, max: 10 }, ...input });
  return { ...whole, id, position, version: 1, createdAt: ago(9000), updatedAt: ago(90), warnings: [] };
}

export function makeRules(empty: boolean): MxRule[] {
  if (empty) return [];
  const hidden = ruleOf("3", 3, {
    name: "Google statements",
    mx: ["aspmx.l.google.com"],
    sources: { from: 3, to: 4 },
  });
  const message = 'It never applies: the rule "Google gently" before it takes all its hosts. Put it further up.';
  return [
    ruleOf("1", 1, {
      name: "Google gently",
      mx: ["*.google.com"],
      messagesPerHour: { min: 500, max: 12_000 },
      tls: "required",
    }),
    ruleOf("2", 2, { name: "Partner", mx: ["mx?.partner.example", "*.mail.partner.example"], enabled: false }),
    { ...hidden, warnings: [{ code: "unreachable", message }] },
  ];
}

/** `/mx-rules…` and `/providers`. */
export function rulesAnswer(rules: MxRule[], call: Call): Answer {
  const [, resource = "", id = "", verb = ""] = call.path.split("/").map(decodeURIComponent);
  if (resource === "providers") return ok({ data: PROVIDERS, nextCursor: null });
  if (id === "resolve") return resolved(rules, call.query);
  if (id === "actions" && verb === "order") {
    const { ids } = JSON.parse(call.body) as { ids: string[] };
    rules.sort((left, right) => ids.indexOf(left.id) - ids.indexOf(right.id));
    for (const [index, rule] of rules.entries())
      Object.assign(rule, { position: index + 1, warnings: index === 0 ? [] : rule.warnings });
    return ok({ data: rules, nextCursor: null });
  }
  if (id === "") return call.method === "POST" ? save(rules, null, call) : ok({ data: rules, nextCursor: null });
  const found = rules.find((rule) => rule.id === id);
  if (found === undefined) return problem(404, "not-found", "There is no such MX rule", `No MX rule has the id ${id}.`);
  if (call.method === "GET") return ok(found);
  if (call.request.headers["if-match"] !== `"${found.version}"`) {
    return problem(412, "version-conflict", "Somebody else has changed it", "Read it again.");
  }
  if (call.method === "PATCH") return save(rules, found, call);
  rules.splice(rules.indexOf(found), 1);
  return { status: 204 };
}

function save(rules: MxRule[], found: MxRule | null, call: Call): Answer {
  const input = JSON.parse(call.body) as MxRuleInput;
  const errors = input.mx.flatMap((mask, index) =>
    mask.includes("@") ? [{ pointer: `/mx/${index}`, code: "invalid", message: "No host name looks like this" }] : [],
  );
  if (errors.length > 0) return problem(422, "invalid-input", "The input is not valid", "See the fields.", errors);
  if (found !== null) return ok(Object.assign(found, input, { version: found.version + 1 }));
  const made = ruleOf(String(10 + rules.length), rules.length + 1, input);
  rules.push(made);
  return ok(made, 201);
}

function resolved(rules: readonly MxRule[], query: URLSearchParams): Answer {
  const mx = query
    .get("mx")
    ?.split(",")
    .map((host) => host.trim()) ?? ["mx1.partner.example"];
  if (query.get("domain") === "unknown.example") {
    return problem(
      404,
      "not-found",
      "There is no such known site of the domain",
      "No mail has gone to unknown.example.",
    );
  }
  const isGoogle = mx.every((host) => host.endsWith(".google.com"));
  const [own] = rules;
  const source = query.get("source");
  const shipped = { ...mxRuleSchema.parse({ name: "default", mx: ["*"], connections: { min: 1, max: 5 } }) };
  const fromFile = { name: "default", origin: "shipped" as const, id: null };
  return ok({
    mx,
    source: source === null ? null : Number(source),
    provider: isGoogle ? "google" : "other",
    rule: isGoogle && own !== undefined ? { ...own, origin: "operator" } : { ...shipped, ...fromFile },
    hidden: isGoogle ? [{ name: "google", origin: "shipped", id: null }, fromFile] : [],
  });
}
