/**
 * `envoi qualify`: JSON lines with replies or received mails in, JSON lines with verdicts out (contract, "qualify in/out"). A line
 * that cannot be judged gets a line with `error`, and the work goes on.
 */
import { z } from "zod";
import { type CompiledRules, qualify } from "../../core/bounce/qualify.ts";
import { readReply } from "../../core/bounce/read-reply.ts";
import { ANSWER_STAGES } from "../../core/bounce/rule.ts";
import type { InboundReading, MailKind } from "../../core/inbound/reading.ts";
import { errorText } from "../../platform/errors.ts";
import { qualifyMail, type QualifiedRecipient } from "./qualify-mail.ts";

const idSchema = z.union([z.string(), z.number()]);

const lineSchema = z.object({
  id: idSchema,
  reply: z.string().optional(),
  file: z.string().optional(),
  stage: z.enum(ANSWER_STAGES).nullish(),
  mx: z.string().nullish(),
});
type Line = z.infer<typeof lineSchema>;
type Id = Line["id"];

type Result =
  | { readonly id: Id; readonly kind: MailKind; readonly recipients: readonly QualifiedRecipient[] }
  | { readonly id?: Id; readonly line: number; readonly error: string };

/** Reads the mail in a file; rejects with a reason for people when it cannot. */
export type ReadMailFile = (file: string) => Promise<InboundReading>;

/** One output line (without line end) for each input line that is not blank. */
export async function* qualifyLines(
  rules: CompiledRules,
  lines: AsyncIterable<string> | Iterable<string>,
  readFile: ReadMailFile,
): AsyncGenerator<string> {
  let number = 0;
  for await (const line of lines) {
    number++;
    if (line.trim() !== "") yield JSON.stringify(await qualifyLine(rules, line, number, readFile));
  }
}

async function qualifyLine(
  rules: CompiledRules,
  line: string,
  number: number,
  readFile: ReadMailFile,
): Promise<Result> {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch (error) {
    return { line: number, error: `not JSON: ${errorText(error)}` };
  }
  const read = lineSchema.safeParse(json);
  if (!read.success) {
    const error = read.error.issues.map((issue) => `${issue.path.join(".") || "line"}: ${issue.message}`).join("; ");
    const id = z.object({ id: idSchema }).safeParse(json);
    return { ...(id.success ? { id: id.data.id } : {}), line: number, error };
  }
  const { id, file, reply } = read.data;
  if (reply !== undefined) return qualifyReply(rules, { ...read.data, reply });
  if (file === undefined) return { id, line: number, error: "reply or file is missing" };
  try {
    const reading = await readFile(file);
    return { id, kind: reading.kind, recipients: qualifyMail(rules, reading) };
  } catch (error) {
    return { id, line: number, error: `file ${file}: ${errorText(error)}` };
  }
}

function qualifyReply(rules: CompiledRules, { id, reply, stage, mx }: Line & { readonly reply: string }): Result {
  const read = readReply(reply);
  const text = reply.replace(/\s+/g, " ").trim();
  const base = { address: readRecipient(text), code: read.code, enhancedCode: read.enhanced, diagnostic: text };
  if (read.code !== null && read.code < 400) {
    return { id, kind: "success", recipients: [{ ...base, type: null, reason: null, rule: null }] };
  }
  const verdict = qualify(rules, {
    stage: stage ?? read.stage ?? "async",
    code: read.code,
    enhanced: read.enhanced,
    text,
    mx: mx?.toLowerCase().replace(/\.$/, "") ?? null,
  });
  const { type, reason, rule } = verdict;
  const passing = read.code === null ? verdict.action !== "fail" && read.enhanced?.startsWith("4") : read.code < 500;
  const kind = reason === "error-ignored" ? "auto-reply" : passing && verdict.action !== "fail" ? "delayed" : "bounce";
  return { id, kind, recipients: [{ ...base, type, reason, rule }] };
}

/** The address a reply names in angle brackets, when it names exactly one. */
function readRecipient(text: string): string | null {
  const found = new Set([...text.matchAll(/<([^\s<>@]{1,64}@[^\s<>@]{1,255})>/g)].map((match) => match[1] ?? ""));
  const [address] = found;
  return found.size === 1 && address !== undefined ? address : null;
}
