/** What a schema cannot say about an archive: that mail to it arrives, does not come back, and that a secret stays one. */
import type { ArchiveInput } from "../../contract/index.ts";
import { toAsciiDomain } from "../../core/address/to-ascii-domain.ts";
import type { Queryable } from "../../platform/db.ts";
import { appError, type FieldError } from "../../platform/errors.ts";
import { loadSettings } from "../settings/index.ts";
import type { CheckedArchive, Fail } from "./checked-archive.ts";
import { checkDirectory } from "./check-directory.ts";
import { checkS3Target } from "./check-s3-target.ts";
import { checkSmtpTarget } from "./check-smtp-target.ts";
import { type ArchiveRow, listArchives } from "./store.ts";

type CheckContext = {
  /** The archive that is changed; null: a new one. */
  readonly known: ArchiveRow | null;
  /** Of the installation; folders elsewhere are checked too. */
  readonly dataDir: string;
};

/** The archive as it is kept: blanks gone, domains in ASCII. Throws `invalid-input`. Makes the folder of a file archive. */
export async function checkArchive(db: Queryable, input: ArchiveInput, context: CheckContext): Promise<CheckedArchive> {
  const errors: FieldError[] = [];
  const fail: Fail = (pointer, code, message) => errors.push({ pointer, code, message });
  if (/\p{Cc}/u.test(input.name)) {
    fail("/name", "control-character", "A name has no line breaks or control characters");
  }
  const rule = checkRule(input.rule, fail);
  const others = (await listArchives(db)).filter(({ id }) => id !== context.known?.id);
  const checked = await checkTarget(db, input, { ...context, others, fail, isFine: () => errors.length === 0 });
  const [first] = errors;
  if (first) throw appError("invalid-input", { detail: `${first.pointer}: ${first.message}` }, errors);
  const { name, enabled } = input;
  return { archive: { name, enabled, rule, target: checked.target }, secret: checked.secret };
}

type TargetContext = CheckContext & {
  readonly others: readonly ArchiveRow[];
  readonly fail: Fail;
  readonly isFine: () => boolean;
};

async function checkTarget(db: Queryable, { target }: ArchiveInput, context: TargetContext) {
  const { known, fail } = context;
  switch (target.kind) {
    case "smtp":
      return checkSmtpTarget(target, known, await loadSettings(db), fail);
    case "s3":
      return checkS3Target(target, known, context.others, fail);
    case "files":
      return {
        target: await checkDirectory(target, context),
        secret: { kind: "none" } as const,
      };
  }
}

function checkRule(rule: ArchiveInput["rule"], fail: Fail): ArchiveInput["rule"] {
  const senderDomains = rule.senderDomains.map((text, i) => {
    const domain = toAsciiDomain(text.trim());
    if (domain.kind === "valid") return domain.ascii;
    fail(`/rule/senderDomains/${i}`, "invalid-domain", `"${text}" ${domain.reason}`);
    return text;
  });
  return { ...rule, senderDomains: [...new Set(senderDomains)], natures: [...new Set(rule.natures)] };
}
