/**
 * How well and how fast answers and mails are judged: scores against labelled corpora, replies and mails a second of one core.
 * Without corpora the speeds are those of the replies and of one report that come with the repository.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { normaliseReply } from "../src/core/bounce/normalise-reply.ts";
import { type CompiledRules, qualify } from "../src/core/bounce/qualify.ts";
import { readReply } from "../src/core/bounce/read-reply.ts";
import { qualifyReport } from "../src/core/inbound/qualify-report.ts";
import { readMail } from "../src/core/inbound/read-mail.ts";
import { loadRules } from "../src/features/bounces/index.ts";
import { WILD_ROWS } from "../src/features/bounces/wild-rows.ts";
import { parseMail } from "../src/features/inbound/index.ts";
import { DEFAULT_CORPORA, judgeCorpora, readCorpus, readDoubtfulLabels, REPLY_CORPUS } from "./qualify-corpora.ts";

const RULES = fileURLToPath(new URL("../rules/bounces", import.meta.url));
const MAIL_CORPUS = "bounce-sisimai";

const REPORT = `From: Mail Delivery System <MAILER-DAEMON@mx.example.net>
To: bounces@example.org
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

<kim@example.com>: host mx.example.com[192.0.2.7] said: 550 5.1.1 User unknown (in reply to RCPT TO command)

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; kim@example.com
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User unknown

--b
Content-Type: text/rfc822-headers

From: news@example.org
To: kim@example.com
Message-ID: <1@example.org>

--b--
`;

type Options = { readonly corpora?: string; readonly seconds: number };

export async function run(options: Record<string, unknown>): Promise<object> {
  const { corpora = DEFAULT_CORPORA, seconds } = options as Options;
  const rules = await loadRules(RULES);
  const found = existsSync(corpora);
  if (!found)
    console.log(
      `There are no corpora in ${corpora}: no scores, and speeds on made-up texts. --corpora names another folder.`,
    );
  const texts =
    (found ? readCorpus(corpora, REPLY_CORPUS)?.map(({ text }) => text) : null) ?? WILD_ROWS.map(({ text }) => text);
  const mails = (found ? readMails(corpora) : null) ?? [new TextEncoder().encode(REPORT)];
  const scores = found ? await scoresOf(rules, corpora) : { replies: null, mails: null, undoubtedlyWrong: null };
  return {
    ...scores,
    ...replySpeeds(rules, texts, seconds),
    mailsPerSecond: Math.round(await mailSpeed(rules, mails, seconds)),
  };
}

async function scoresOf(rules: CompiledRules, corpora: string) {
  const { replies, mails, wrong } = await judgeCorpora(rules, corpora);
  const doubtful = new Set(readDoubtfulLabels().map(({ corpus, id }) => `${corpus} ${id}`));
  const undoubtedlyWrong = wrong.map(({ corpus, id }) => `${corpus} ${id}`).filter((key) => !doubtful.has(key));
  for (const key of undoubtedlyWrong) console.log(`wrong: ${key}`);
  return { replies, mails, undoubtedlyWrong };
}

function readMails(corpora: string): Uint8Array[] | null {
  const dir = join(corpora, MAIL_CORPUS, "files");
  return existsSync(dir) ? readdirSync(dir).map((name) => readFileSync(join(dir, name))) : null;
}

/** Judged as the sender does it, code and text at hand: with and without remembering; and made into one text for many. */
function replySpeeds(rules: CompiledRules, texts: readonly string[], seconds: number) {
  const answers = texts.map((text) => {
    const { code, enhanced, stage } = readReply(text);
    return { stage: stage ?? "rcpt", code, enhanced, text, mx: null };
  });
  const each = <T>(items: readonly T[], work: (item: T) => unknown) => Math.round(rate(items, work, seconds));
  return {
    repliesPerSecond: each(answers, (answer) => qualify(rules, answer)),
    newRepliesPerSecond: each(answers, (answer) => {
      rules.cache.clear();
      qualify(rules, answer);
    }),
    normalisedPerSecond: each(texts, normaliseReply),
  };
}

function rate<T>(items: readonly T[], work: (item: T) => unknown, seconds: number): number {
  for (const item of items) work(item);
  const start = performance.now();
  let done = 0;
  while (performance.now() - start < seconds * 1000) {
    for (const item of items) work(item);
    done += items.length;
  }
  return done / ((performance.now() - start) / 1000);
}

/** From the bytes of a mail to the verdicts on all its recipients. */
async function mailSpeed(rules: CompiledRules, mails: readonly Uint8Array[], seconds: number): Promise<number> {
  const start = performance.now();
  let done = 0;
  while (performance.now() - start < seconds * 1000) {
    for (const raw of mails) {
      const { recipients } = readMail(await parseMail(raw), { recipient: null, returnPath: null });
      for (const report of recipients) qualifyReport(rules, report);
    }
    done += mails.length;
  }
  return done / ((performance.now() - start) / 1000);
}
