/** What receivers will make of mail from a domain by DMARC (RFC 9989, before it RFC 7489), as far as signature and return path say. */
import {
  type AlignmentMode,
  type DmarcAnswers,
  findRecord,
  isAligned,
  modeOf,
  organisationOf,
  walkNames,
} from "./find-policy.ts";

type DmarcPolicy = "none" | "quarantine" | "reject";

export type SenderDomains = {
  /** Of the address in From. */
  readonly from: string;
  /** `d=` of the signature; null: nothing signs here. */
  readonly signedAs: string | null;
  /** Of the return path, for SPF; null: another one for each message. */
  readonly returnPath: string | null;
};

export type DmarcVerdict =
  /** Nobody answered about this name, and its answer decides. */
  | { readonly kind: "not-asked"; readonly name: string; readonly detail: string }
  | {
      readonly kind: "judged";
      /** Null: there is none; alignment is as if it were relaxed. */
      readonly policy: DmarcPolicy | null;
      /** At which name it stands. */
      readonly name: string | null;
      readonly organisation: string;
      readonly dkimMode: AlignmentMode;
      readonly spfMode: AlignmentMode;
      readonly dkim: boolean;
      readonly spf: boolean;
    };

/** All names whose answers may decide. */
export function namesToAsk({ from, signedAs, returnPath }: SenderDomains): string[] {
  const domains = [from, signedAs, returnPath].filter((domain) => domain !== null);
  return [...new Set(domains.flatMap(walkNames))];
}

export function judgeSender(answers: DmarcAnswers, domains: SenderDomains): DmarcVerdict {
  const { from, signedAs, returnPath } = domains;
  const record = findRecord(answers, from);
  // Behind a silence there may be a record that counts before the one that was found.
  const silent = record?.name === from ? null : silentAmong(answers, walkNames(from));
  if (silent !== null) return silent;
  const [dkimMode, spfMode] = record
    ? [modeOf(record, "adkim"), modeOf(record, "aspf")]
    : (["relaxed", "relaxed"] as const);
  const dkim = signedAs !== null && isAligned(answers, from, signedAs, dkimMode);
  const spf = returnPath !== null && isAligned(answers, from, returnPath, spfMode);
  const others = dkim || spf ? null : silentAmong(answers, namesToAsk(domains));
  if (others !== null) return others;
  return {
    kind: "judged",
    policy: record && policyOf(record, from),
    name: record?.name ?? null,
    organisation: organisationOf(answers, from),
    dkimMode,
    spfMode,
    dkim,
    spf,
  };
}

function silentAmong(answers: DmarcAnswers, names: readonly string[]): DmarcVerdict | null {
  for (const name of names) {
    const answer = answers.get(name);
    if (answer === undefined) return { kind: "not-asked", name, detail: "nobody was asked" };
    if (answer.kind === "failed") return { kind: "not-asked", name, detail: answer.detail };
  }
  return null;
}

const WEAKER: Readonly<Record<DmarcPolicy, DmarcPolicy>> = { reject: "quarantine", quarantine: "none", none: "none" };

/** That of subdomains where it stands above (§4.7 `sp`), one step weaker while it is tried out (`t=y`); what cannot be read is none. */
function policyOf({ tags, name }: NonNullable<ReturnType<typeof findRecord>>, from: string): DmarcPolicy {
  const said = ((name === from ? undefined : tags.get("sp")) ?? tags.get("p") ?? "").toLowerCase();
  const policy = said === "reject" || said === "quarantine" ? said : "none";
  return tags.get("t")?.toLowerCase() === "y" ? WEAKER[policy] : policy;
}
