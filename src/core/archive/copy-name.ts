/**
 * Names of copies in folders and object stores, as the incumbent names them: the day and hour (UTC) of the copy, then delivery and
 * message key, then what became of it.
 *
 *   2026-05-04/13h/42-1207-5.eml                 the copy was made, the message is on its way
 *   2026-05-04/13h/42-1207-5-sent.eml            the receiving server took the message
 *   2026-05-04/13h/42-1207-5-sent-archived.eml   … and every other archive its copy
 */
import { formatKey, parseKey, type MessageKey } from "../delivery/status.ts";
import { formatInstant, type Instant } from "../time.ts";

export type CopyProgress = "made" | "sent" | "sent-archived";

const SUFFIXES: Readonly<Record<CopyProgress, string>> = {
  made: "",
  sent: "-sent",
  "sent-archived": "-sent-archived",
};

export type CopyName = {
  /** `2026-05-04/13h` */
  readonly folder: string;
  readonly deliveryId: number;
  readonly key: MessageKey;
  readonly progress: CopyProgress;
};

export function folderOf(at: Instant): string {
  const text = formatInstant(at);
  return `${text.slice(0, 10)}/${text.slice(11, 13)}h`;
}

export function formatCopyName({ folder, deliveryId, key, progress }: CopyName): string {
  return `${folder}/${deliveryId}-${formatKey(key)}${SUFFIXES[progress]}.eml`;
}

/** Null for whatever `formatCopyName` did not write. */
export function parseCopyName(name: string): CopyName | null {
  const match = /^(\d{4}-\d\d-\d\d\/\d\dh)\/([1-9]\d{0,14})-([1-9]\d{0,14}-\d{1,9})(|-sent|-sent-archived)\.eml$/.exec(
    name,
  );
  const key = parseKey(match?.[3] ?? "");
  if (!match?.[1] || !key) return null;
  const progress = match[4] === "" ? "made" : match[4] === "-sent" ? "sent" : "sent-archived";
  return { folder: match[1], deliveryId: Number(match[2]), key, progress };
}
