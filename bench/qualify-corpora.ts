/** Reads corpora of labelled replies and mails (`index.jsonl`, one row a reply or recipient) and judges them as the product does. */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import type { CompiledRules } from "../src/core/bounce/qualify.ts";
import { readMail } from "../src/core/inbound/read-mail.ts";
import { qualifyLines } from "../src/features/bounces/index.ts";
import { parseMail } from "../src/features/inbound/index.ts";
import {
  areRecipientsExact,
  isReasonRight,
  isTypeRight,
  type Judged,
  type LabelRow,
  type MailReading,
  type MailScores,
  type Pair,
  pairMail,
  score,
  scoreMails,
  type Scores,
} from "./qualify-score.ts";

/** Beside the repository. */
export const DEFAULT_CORPORA = resolve(import.meta.dirname, "../../shared/corpora");

const slug = z.string().transform((label) => label.toLowerCase().replaceAll(" ", "-"));

const rowSchema = z
  .object({
    id: z.string().optional(),
    file: z.string().optional(),
    n: z.number().optional(),
    kind: z.string(),
    text: z.string().default(""),
    recipient: z.string().nullish(),
    expected_reason: slug.nullable(),
    accept_types: z.array(z.string()),
    accept_reasons: z.array(slug),
    notes: z.string().nullish(),
  })
  .transform(
    (row): LabelRow => ({
      id: row.id ?? `${row.file ?? ""}#${row.n ?? 1}`,
      file: row.file ?? null,
      kind: row.kind === "notbounce" ? "none" : row.kind,
      text: row.text,
      recipient: row.recipient ?? "",
      expectedReason: row.expected_reason,
      acceptTypes: row.accept_types,
      acceptReasons: row.accept_reasons,
      otherRecipients: [...(row.notes ?? "").matchAll(/alt recipient (\S+)/g)].map((match) => match[1] ?? ""),
    }),
  );

/** Null when the folder has no such corpus. */
export function readCorpus(dir: string, name: string): LabelRow[] | null {
  const path = join(dir, name, "index.jsonl");
  if (!existsSync(path)) return null;
  const lines = readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "");
  return lines.map((line) => rowSchema.parse(JSON.parse(line)));
}

const KINDS: Readonly<Record<string, string>> = {
  bounce: "bounce",
  delayed: "bounce",
  success: "delivered",
  complaint: "complaint",
  "auto-reply": "autoreply",
};

const answerSchema = z.object({
  id: z.string(),
  kind: z.string(),
  recipients: z.array(
    z.object({ address: z.string().nullable(), type: z.string().nullable(), reason: z.string().nullable() }),
  ),
});

type JudgedLine = z.infer<typeof answerSchema>;

/** The way of `envoi qualify`, line for line. */
async function judge(rules: CompiledRules, lines: readonly object[]): Promise<JudgedLine[]> {
  const readFile = async (file: string) => {
    const raw = readFileSync(file);
    return readMail(await parseMail(raw), { recipient: null, returnPath: null });
  };
  const answers: JudgedLine[] = [];
  for await (const line of qualifyLines(
    rules,
    lines.map((entry) => JSON.stringify(entry)),
    readFile,
  )) {
    answers.push(answerSchema.parse(JSON.parse(line)));
  }
  return answers;
}

export async function judgeReplies(
  rules: CompiledRules,
  rows: readonly LabelRow[],
): Promise<ReadonlyMap<string, Judged>> {
  const answers = await judge(
    rules,
    rows.map(({ id, text }) => ({ id, reply: text })),
  );
  return new Map(answers.map(({ id, recipients }) => [id, recipients[0] ?? { type: null, reason: null }]));
}

export type ReadLabelledMail = {
  readonly file: string;
  readonly rows: readonly LabelRow[];
  readonly read: MailReading;
};

/** All mails of a corpus, in the order of its index. */
export async function readLabelledMails(
  rules: CompiledRules,
  dir: string,
  rows: readonly LabelRow[],
): Promise<ReadLabelledMail[]> {
  const files = Map.groupBy(rows, ({ file }) => file ?? "");
  const answers = await judge(
    rules,
    [...files.keys()].map((file) => ({ id: file, file: join(dir, file) })),
  );
  return answers.map(({ id, kind, recipients }) => ({
    file: id,
    rows: files.get(id) ?? [],
    read: {
      kind: KINDS[kind] ?? "none",
      reports: recipients.map(({ address, type, reason }) => ({ recipient: address ?? "", type, reason })),
    },
  }));
}

const NOT_DEFINED = "not-defined";

function isWrong(pair: Pair): boolean {
  const { expectedReason } = pair.row;
  const isCounted = expectedReason !== null && expectedReason !== NOT_DEFINED;
  return isCounted && !(isTypeRight(pair) && isReasonRight(pair));
}

export const REPLY_CORPUS = "smtp-replies";
const MAIL_CORPORA = ["bounce-sisimai", "arf", "autoreply", "not-bounce"];

export type Findings = {
  readonly replies: Scores | null;
  readonly mails: Readonly<Record<string, MailScores | null>>;
  /** Ids of replies, of rows of mails (wrong type or reason), and of mails (wrong kind or recipients), by corpus. */
  readonly wrong: readonly { readonly corpus: string; readonly id: string }[];
  /** Ids that the corpora have. */
  readonly known: ReadonlySet<string>;
};

/** Judges all corpora that the folder has. */
export async function judgeCorpora(rules: CompiledRules, dir: string): Promise<Findings> {
  const wrong: { corpus: string; id: string }[] = [];
  const known = new Set<string>();
  const rows = readCorpus(dir, REPLY_CORPUS);
  let replies: Scores | null = null;
  if (rows) {
    const answers = await judgeReplies(rules, rows);
    const pairs = rows.map((row) => ({ row, judged: answers.get(row.id) ?? null }));
    for (const row of rows) known.add(`${REPLY_CORPUS} ${row.id}`);
    wrong.push(...pairs.filter(isWrong).map(({ row }) => ({ corpus: REPLY_CORPUS, id: row.id })));
    replies = score(pairs);
  }
  const mails: Record<string, MailScores | null> = {};
  for (const corpus of MAIL_CORPORA) {
    const labels = readCorpus(dir, corpus);
    const read = labels && (await readLabelledMails(rules, join(dir, corpus), labels));
    mails[corpus] = read && scoreMails(read);
    for (const mail of read ?? []) {
      for (const id of [mail.file, ...mail.rows.map((row) => row.id)]) known.add(`${corpus} ${id}`);
      wrong.push(...wrongOf(mail).map((id) => ({ corpus, id })));
    }
  }
  return { replies, mails, wrong, known };
}

function wrongOf({ file, rows, read }: ReadLabelledMail): string[] {
  const ids = pairMail(rows, read)
    .filter(isWrong)
    .map(({ row }) => row.id);
  const names = rows.some(({ recipient }) => recipient !== "" && !recipient.startsWith("undisclosed"));
  const isMailWrong = rows[0]?.kind !== read.kind || (names && !areRecipientsExact(rows, read));
  return isMailWrong && ids.length === 0 ? [file] : ids;
}

const doubtfulSchema = z.array(z.strictObject({ corpus: z.string(), id: z.string(), why: z.string().min(20) }));

export type DoubtfulLabel = z.infer<typeof doubtfulSchema>[number];

/** Labels that the product is not to follow, each with the reason. */
export function readDoubtfulLabels(): DoubtfulLabel[] {
  return doubtfulSchema.parse(JSON.parse(readFileSync(join(import.meta.dirname, "qualify-doubtful.json"), "utf8")));
}
