/**
 * Reads `rules/bounces/*.toml`, in the order of their names, into one rule set. Every problem of every file is reported at
 * once, with file, line and rule; nothing is half-loaded.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, TomlError } from "smol-toml";
import { z } from "zod";
import { lintRules, type RuleProblem } from "../../core/bounce/lint-rules.ts";
import { type CompiledRules, compileRules } from "../../core/bounce/qualify.ts";
import {
  ANSWER_STAGES,
  FAILURE_REASONS,
  FAILURE_TYPES,
  type Rule,
  type RuleSet,
  VERDICT_ACTIONS,
  VERDICT_SCOPES,
} from "../../core/bounce/rule.ts";
import { appError, errorCode, errorText } from "../../platform/errors.ts";
import { lineOfKey, linesOfRules } from "./rule-lines.ts";

const texts = z.array(z.string().min(1)).min(1);

const verdictSchema = z.strictObject({
  type: z.enum(FAILURE_TYPES),
  reason: z.enum(FAILURE_REASONS),
  action: z.enum(VERDICT_ACTIONS).exactOptional(),
  scope: z.enum(VERDICT_SCOPES),
});

const ruleSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "lower case words joined by hyphens"),
  stage: z.array(z.enum(ANSWER_STAGES)).min(1).exactOptional(),
  code: texts.exactOptional(),
  enhanced: texts.exactOptional(),
  text: texts.exactOptional(),
  not_text: texts.exactOptional(),
  mx: texts.exactOptional(),
  verdict: verdictSchema,
  source: z.string().min(3),
  examples: z
    .array(
      z.strictObject({ reply: z.string().min(1), stage: z.enum(ANSWER_STAGES), mx: z.string().min(1).exactOptional() }),
    )
    .min(1),
});

const fileSchema = z.strictObject({
  words: z.record(z.string().regex(/^[a-z-]+$/), texts).default({}),
  rule: z.array(z.unknown()).default([]),
});

/** One file's text into rules; problems are added to the list. */
function parseRuleFile(file: string, text: string): { set: RuleSet; problems: RuleProblem[] } {
  const problems: RuleProblem[] = [];
  let toml: unknown;
  try {
    toml = parse(text);
  } catch (error) {
    const place = error instanceof TomlError ? `${file}:${error.line}` : file;
    return { set: { words: {}, rules: [] }, problems: [{ file: place, rule: null, detail: errorText(error) }] };
  }
  const content = fileSchema.safeParse(toml);
  if (!content.success) {
    return { set: { words: {}, rules: [] }, problems: problemsOf(text, { file, line: 1, rule: null }, content.error) };
  }
  const lines = linesOfRules(text);
  const rules: Rule[] = [];
  for (const [i, raw] of content.data.rule.entries()) {
    const read = ruleSchema.safeParse(raw);
    const line = lines[i] ?? 1;
    if (read.success) {
      const { not_text, ...rule } = read.data;
      rules.push({ file: `${file}:${line}`, ...rule, ...(not_text && { notText: not_text }) });
    } else {
      problems.push(...problemsOf(text, { file, line, rule: nameOf(raw) ?? `number ${i + 1}` }, read.error));
    }
  }
  return { set: { words: content.data.words, rules }, problems };
}

function nameOf(raw: unknown): string | null {
  return typeof raw === "object" && raw !== null && "name" in raw && typeof raw.name === "string" ? raw.name : null;
}

type Place = { readonly file: string; readonly line: number; readonly rule: string | null };

function problemsOf(text: string, { file, line, rule }: Place, error: z.ZodError): RuleProblem[] {
  return error.issues.map((issue) => {
    const key = issue.code === "unrecognized_keys" ? issue.keys[0] : issue.path[0];
    return {
      file: `${file}:${lineOfKey(text, line, String(key))}`,
      rule,
      detail: `${issue.path.join(".") || "content"}: ${issue.message}`,
    };
  });
}

/** All files of a folder as one set; throws `config-invalid` that names file and rule. */
export async function loadRuleSet(dir: string): Promise<RuleSet> {
  const files = await readRuleFiles(dir);
  const words: Record<string, readonly string[]> = {};
  const rules: Rule[] = [];
  const problems: RuleProblem[] = [];
  for (const { file, text } of files) {
    const read = parseRuleFile(file, text);
    problems.push(...read.problems);
    for (const [list, members] of Object.entries(read.set.words)) {
      if (Object.hasOwn(words, list))
        problems.push({
          file: `${file}:${lineOfKey(text, 1, list)}`,
          rule: null,
          detail: `word list ${list} is given twice`,
        });
      words[list] = members;
    }
    rules.push(...read.set.rules);
  }
  const set: RuleSet = { words, rules };
  if (problems.length === 0) problems.push(...lintRules(set));
  if (problems.length > 0) throw appError("config-invalid", { problems: problems.map(describe).join("; ") });
  return set;
}

/** The rules of a folder, checked and ready for `qualify`. */
export async function loadRules(dir: string): Promise<CompiledRules> {
  return compileRules(await loadRuleSet(dir));
}

async function readRuleFiles(dir: string): Promise<{ file: string; text: string }[]> {
  try {
    const names = (await readdir(dir)).filter((name) => name.endsWith(".toml")).toSorted();
    if (names.length === 0) throw appError("config-invalid", { problems: `no bounce rules (*.toml) in ${dir}` });
    return await Promise.all(names.map(async (file) => ({ file, text: await readFile(join(dir, file), "utf8") })));
  } catch (error) {
    if (errorCode(error) === "config-invalid") throw error;
    throw appError("config-invalid", { problems: `the bounce rules in ${dir} cannot be read: ${errorText(error)}` });
  }
}

function describe({ file, rule, detail }: RuleProblem): string {
  return rule === null ? `${file}: ${detail}` : `${file}, rule ${rule}: ${detail}`;
}
