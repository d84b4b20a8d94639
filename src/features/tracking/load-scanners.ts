/**
 * Known proxies and scanners from `rules/scanners/*.toml`, the operator's own (`DATA_DIR/scanners/*.toml`) before them. The
 * loader is a linter: a mistake, or an example that its rule does not take, is an error that names file and rule.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "smol-toml";
import { z } from "zod";

import type { ReactionFacts, ReactionKind } from "../../core/tracking/classify.ts";
import { appError, errorText } from "../../platform/errors.ts";
import { isWithin, parseIp, parseNetwork, type Network } from "../../platform/network.ts";

const SHIPPED = fileURLToPath(new URL("../../../rules/scanners", import.meta.url));
const KINDS = ["open", "click", "mirror", "opt-out"] as const satisfies readonly ReactionKind[];

const rangeSchema = z.string().transform((text, context): Network => {
  const network = parseNetwork(text);
  if (network !== null) return network;
  context.addIssue({ code: "custom", message: `${text} is no address range` });
  return z.NEVER;
});
const partsSchema = z.array(z.string().min(4)).min(1);

const ruleSchema = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "lower case words joined by hyphens"),
    class: z.enum(["privacy-proxy", "mail-proxy", "scanner"]),
    kinds: z
      .array(z.enum(KINDS))
      .min(1)
      .default([...KINDS]),
    user_agent: partsSchema.optional(),
    user_agent_is: partsSchema.optional(),
    addresses: z.array(rangeSchema).min(1).optional(),
    source: z.string().regex(/^https:\/\//, "where this is known from: https://…"),
    examples: z.array(z.strictObject({ kind: z.enum(KINDS), address: z.string(), user_agent: z.string() })).min(1),
  })
  .refine(
    (rule) => rule.user_agent !== undefined || rule.user_agent_is !== undefined || rule.addresses !== undefined,
    "matches everything: user_agent, user_agent_is or addresses is needed",
  );
const fileSchema = z.strictObject({ rule: z.array(ruleSchema) });
type ScannerRule = z.output<typeof ruleSchema>;

export type Scanners = {
  /** The first rule that knows whoever this is. An address that is none matches no range. */
  find(kind: ReactionKind, address: string, userAgent: string): ReactionFacts["rule"];
};

/** Throws `config-invalid`. */
export function loadScanners(dataDir: string): Scanners {
  const rules = [join(dataDir, "scanners"), SHIPPED].flatMap(loadSet);
  return { find: (kind, address, userAgent) => findRule(rules, kind, address, userAgent) ?? null };
}

function findRule(rules: readonly ScannerRule[], kind: ReactionKind, address: string, userAgent: string) {
  const parsed = parseIp(address);
  const lower = userAgent.toLowerCase();
  return rules.find(
    (rule) =>
      rule.kinds.includes(kind) &&
      (rule.user_agent === undefined || rule.user_agent.some((part) => lower.includes(part.toLowerCase()))) &&
      (rule.user_agent_is === undefined || rule.user_agent_is.includes(userAgent)) &&
      (rule.addresses === undefined || (parsed !== null && rule.addresses.some((range) => isWithin(parsed, range)))),
  );
}

function loadSet(dir: string): ScannerRule[] {
  if (!existsSync(dir)) return [];
  const rules: ScannerRule[] = [];
  for (const name of readdirSync(dir).toSorted()) {
    if (!name.endsWith(".toml")) continue;
    const file = join(dir, name);
    for (const rule of readRules(file)) {
      if (rules.some((other) => other.name === rule.name)) throw invalid(file, rule, "is there twice");
      rules.push(rule);
      lintExamples(file, rules, rule);
    }
  }
  return rules;
}

function readRules(file: string): ScannerRule[] {
  let data: unknown;
  try {
    data = parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw appError("config-invalid", { problems: `${file}: ${errorText(error)}` });
  }
  const result = fileSchema.safeParse(data);
  if (result.success) return result.data.rule;
  const issue = result.error.issues[0];
  throw appError("config-invalid", { problems: `${file}: ${issue?.path.join(".")}: ${issue?.message}` });
}

/** Each example must be taken by its own rule, not by one before it. */
function lintExamples(file: string, rules: readonly ScannerRule[], rule: ScannerRule): void {
  for (const { kind, address, user_agent } of rule.examples) {
    const taker = findRule(rules, kind, address, user_agent);
    if (taker === rule) continue;
    throw invalid(
      file,
      rule,
      `example ${address} ${user_agent} ${taker ? `is taken by rule ${taker.name} before it` : "is not matched"}`,
    );
  }
}

function invalid(file: string, rule: ScannerRule, detail: string) {
  return appError("config-invalid", { problems: `${file}: rule ${rule.name} ${detail}` });
}
