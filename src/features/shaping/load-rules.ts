/**
 * Shaping rules from `rules/shaping/*.toml`, the operator's own (`DATA_DIR/shaping/*.toml`) before them, files in order of
 * their names. The loader is a linter: a mistake is an error that names file and rule.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "smol-toml";
import { z } from "zod";

import { matchesMask, type ShapingRule } from "../../core/shaping/limits.ts";
import { appError, errorText } from "../../platform/errors.ts";

const SHIPPED = fileURLToPath(new URL("../../../rules/shaping", import.meta.url));

const ruleSchema = z.strictObject({
  name: z.string().min(1),
  mx: z.array(z.string().min(1)).min(1),
  connections: z.number().int().min(1).max(10_000),
  messages_per_connection: z.number().int().min(1).max(1_000_000),
  messages_per_hour: z.number().int().min(1).optional(),
  source: z.string().min(1),
  examples: z.array(z.string()).min(1),
});
const fileSchema = z.strictObject({ rule: z.array(ruleSchema) });

export function loadShapingRules(dataDir: string): ShapingRule[] {
  // Each set is checked by itself: the operator's rules may well take what a shipped rule is for.
  return [join(dataDir, "shaping"), SHIPPED].flatMap(loadSet);
}

function loadSet(dir: string): ShapingRule[] {
  const rules: ShapingRule[] = [];
  for (const file of tomlFiles(dir)) {
    for (const { examples, ...rule } of readRules(file)) {
      const next: ShapingRule = {
        name: rule.name,
        mx: rule.mx,
        connections: rule.connections,
        messagesPerConnection: rule.messages_per_connection,
        messagesPerHour: rule.messages_per_hour ?? null,
      };
      rules.push(next);
      lintExamples(file, rules, next, examples);
    }
  }
  return rules;
}

function tomlFiles(dir: string): string[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir)
    .filter((name) => name.endsWith(".toml"))
    .sort()
    .map((name) => join(dir, name));
}

function readRules(file: string) {
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

function lintExamples(
  file: string,
  rules: readonly ShapingRule[],
  rule: ShapingRule,
  examples: readonly string[],
): void {
  for (const example of examples) {
    const taker = rules.find((r) => r.mx.some((mask) => matchesMask(mask, example)));
    const problem =
      taker === rule
        ? null
        : taker === undefined
          ? "is not matched by the rule"
          : `is taken by rule ${taker.name} before it`;
    if (problem)
      throw appError("config-invalid", { problems: `${file}: rule ${rule.name}: example ${example} ${problem}` });
  }
}
