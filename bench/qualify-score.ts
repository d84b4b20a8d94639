/**
 * How well judgements agree with labels. A type or a reason is right when the label accepts it. Rows without an expected reason, or
 * expected to be not defined, are left out; `reason` and `macro`, the mean over the expected reasons of the share that is right, count bounces only.
 * `falseHard`: called hard where no hard is accepted, a good address lost. `missedHard`: the label is hard and nothing else.
 */

export type LabelRow = {
  readonly id: string;
  /** The mail that the row is about; null for a bare reply. */
  readonly file: string | null;
  readonly kind: string;
  readonly text: string;
  readonly recipient: string;
  readonly expectedReason: string | null;
  readonly acceptTypes: readonly string[];
  readonly acceptReasons: readonly string[];
  /** Another address that counts as right, where the label names one. */
  readonly otherRecipients: readonly string[];
};

export type Judged = { readonly type: string | null; readonly reason: string | null };

export type Pair = { readonly row: LabelRow; readonly judged: Judged | null };

export type Scores = {
  readonly rows: number;
  readonly type: number | null;
  readonly reason: number | null;
  readonly macro: number | null;
  readonly falseHard: number | null;
  readonly missedHard: number | null;
  readonly perReason: Readonly<Record<string, string>>;
};

const NOT_DEFINED = "not-defined";

/** A share of 4 digits; null of nothing. */
export function share(part: number, all: number): number | null {
  return all === 0 ? null : Math.round((part / all) * 10_000) / 10_000;
}

export function isTypeRight({ row, judged }: Pair): boolean {
  return row.acceptTypes.includes(judged?.type ?? "");
}

export function isReasonRight({ row, judged }: Pair): boolean {
  return row.acceptReasons.includes(judged?.reason ?? "");
}

export function score(pairs: readonly Pair[]): Scores {
  const typed = pairs.filter(({ row }) => row.expectedReason !== null && row.expectedReason !== NOT_DEFINED);
  const counted = typed.filter(({ row }) => row.kind === "bounce");
  const byReason = Map.groupBy(counted, ({ row }) => row.expectedReason ?? "");
  const recalls = [...byReason]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([reason, group]) => {
      const right = group.filter(isReasonRight).length;
      return { reason, right, all: group.length };
    });
  const soft = pairs.filter(({ row }) => row.acceptTypes.length > 0 && !row.acceptTypes.includes("hard"));
  const hard = pairs.filter(({ row }) => row.acceptTypes.length === 1 && row.acceptTypes[0] === "hard");
  const isHard = ({ judged }: Pair) => judged?.type === "hard";
  return {
    rows: pairs.length,
    type: share(typed.filter(isTypeRight).length, typed.length),
    reason: share(counted.filter(isReasonRight).length, counted.length),
    macro: share(
      recalls.reduce((sum, { right, all }) => sum + right / all, 0),
      recalls.length,
    ),
    falseHard: share(soft.filter(isHard).length, soft.length),
    missedHard: share(hard.filter((pair) => !isHard(pair)).length, hard.length),
    perReason: Object.fromEntries(recalls.map(({ reason, right, all }) => [reason, `${right}/${all}`])),
  };
}

/** What was read from one mail. */
export type MailReading = {
  readonly kind: string;
  readonly reports: readonly (Judged & { readonly recipient: string })[];
};

export type MailScores = Scores & {
  readonly files: number;
  readonly kind: number | null;
  /** Mails of which exactly the labelled recipients were found. */
  readonly recipientsExact: number | null;
};

/** Pairs each row of a mail with the report on its recipient, or else with the one at its place. */
export function pairMail(rows: readonly LabelRow[], { reports }: MailReading): Pair[] {
  return rows.flatMap((row, i) => {
    if (row.kind !== "bounce") return [];
    const wanted = nameOf(row.recipient);
    const named = wanted === "" ? undefined : reports.find(({ recipient }) => nameOf(recipient) === wanted);
    return [{ row, judged: named ?? reports[i] ?? (rows.length === 1 ? reports[0] : undefined) ?? null }];
  });
}

export function scoreMails(
  mails: readonly { readonly rows: readonly LabelRow[]; readonly read: MailReading }[],
): MailScores {
  const named = mails.filter(({ rows }) => wantedOf(rows).size > 0);
  return {
    ...score(mails.flatMap(({ rows, read }) => pairMail(rows, read))),
    files: mails.length,
    kind: share(mails.filter(({ rows, read }) => rows[0]?.kind === read.kind).length, mails.length),
    recipientsExact: share(named.filter(({ rows, read }) => areRecipientsExact(rows, read)).length, named.length),
  };
}

export function areRecipientsExact(rows: readonly LabelRow[], { reports }: MailReading): boolean {
  const found = new Set(reports.map(({ recipient }) => nameOf(recipient)));
  const wanted = wantedOf(rows);
  const others = new Set([...wanted, ...rows.flatMap((row) => row.otherRecipients.map(nameOf))]);
  const isSame = found.size === wanted.size && [...found].every((name) => wanted.has(name));
  return isSame || (others.size > wanted.size && found.size > 0 && [...found].every((name) => others.has(name)));
}

function wantedOf(rows: readonly LabelRow[]): Set<string> {
  const names = rows.map(({ recipient }) => recipient).filter((name) => name !== "" && !name.startsWith("undisclosed"));
  return new Set(names.map(nameOf));
}

function nameOf(address: string): string {
  return address
    .trim()
    .replace(/^<+|>+$/g, "")
    .toLowerCase();
}
