/** One archive as a form: texts as typed, the fields of all three kinds beside each other; and what it becomes for the API. */
import type { Archive, ArchiveInput, Problem } from "../../../src/contract/index.ts";

export type ArchiveKind = ArchiveInput["target"]["kind"];
export const KINDS = ["smtp", "files", "s3"] as const satisfies readonly ArchiveKind[];

type SmtpTls = Extract<ArchiveInput["target"], { kind: "smtp" }>["tls"];
export const TLS = ["opportunistic", "required", "implicit", "none"] as const satisfies readonly SmtpTls[];

export type Nature = "" | "marketing" | "service";
/** Empty: the server's default, or no limit. */
export type Count = number | "";

export type ArchiveDraft = {
  name: string;
  enabled: boolean;
  kind: ArchiveKind;
  address: string;
  server: string;
  user: string;
  password: string;
  tls: SmtpTls;
  connections: Count;
  ratePerMinute: Count;
  returnPath: string;
  directory: string;
  zip: boolean;
  zipBatch: Count;
  purgeAfter: string;
  endpoint: string;
  region: string;
  bucket: string;
  prefix: string;
  accessKeyId: string;
  secretAccessKey: string;
  pathStyle: boolean;
  senderDomains: string;
  nature: Nature;
  onlyNamed: boolean;
};
export type ArchiveField = keyof ArchiveDraft;
export type SetArchive = (part: Partial<ArchiveDraft>) => void;

/** The server's defaults, said here so that they can be seen. */
export const emptyArchive: ArchiveDraft = {
  name: "",
  enabled: true,
  kind: "smtp",
  address: "",
  server: "",
  user: "",
  password: "",
  tls: "opportunistic",
  connections: 10,
  ratePerMinute: "",
  returnPath: "",
  directory: "",
  zip: false,
  zipBatch: 10_000,
  purgeAfter: "",
  endpoint: "",
  region: "us-east-1",
  bucket: "",
  prefix: "",
  accessKeyId: "",
  secretAccessKey: "",
  pathStyle: true,
  senderDomains: "",
  nature: "",
  onlyNamed: false,
};

export const draftOf = ({ name, enabled, rule, target }: Archive): ArchiveDraft => ({
  ...emptyArchive,
  ...targetDraft(target),
  name,
  enabled,
  senderDomains: rule.senderDomains.join(" "),
  // Both natures are all there are.
  nature: rule.natures.length === 1 ? (rule.natures[0] ?? "") : "",
  onlyNamed: rule.onlyNamed,
});

/** What is not set, or hidden, is an empty field. */
const targetDraft = (target: Archive["target"]): Partial<ArchiveDraft> =>
  Object.fromEntries(Object.entries(target).filter(([, value]) => value !== undefined && value !== null));

export const requestOf = (draft: ArchiveDraft): ArchiveInput => ({
  name: draft.name.trim(),
  enabled: draft.enabled,
  rule: {
    senderDomains: draft.senderDomains.split(/[\s,;]+/).filter((word) => word !== ""),
    natures: draft.nature === "" ? [] : [draft.nature],
    onlyNamed: draft.onlyNamed,
  },
  target: targetOf(draft),
});

/** Secrets go out as typed, blanks included; the rest without outer blanks. What is left empty is left out. */
function targetOf(draft: ArchiveDraft): ArchiveInput["target"] {
  switch (draft.kind) {
    case "smtp":
      return {
        kind: "smtp",
        address: draft.address.trim(),
        tls: draft.tls,
        connections: counted(draft.connections, emptyArchive.connections),
        ...filled("server", draft.server.trim()),
        ...filled("user", draft.user.trim()),
        ...filled("password", draft.password),
        ...filled("returnPath", draft.returnPath.trim()),
        ...(draft.ratePerMinute === "" ? {} : { ratePerMinute: draft.ratePerMinute }),
      };
    case "files":
      return {
        kind: "files",
        zip: draft.zip,
        zipBatch: counted(draft.zipBatch, emptyArchive.zipBatch),
        ...filled("directory", draft.directory.trim()),
        ...filled("purgeAfter", draft.purgeAfter.trim()),
      };
    case "s3":
      return {
        kind: "s3",
        endpoint: draft.endpoint.trim(),
        region: draft.region.trim(),
        bucket: draft.bucket.trim(),
        prefix: draft.prefix.trim(),
        accessKeyId: draft.accessKeyId.trim(),
        pathStyle: draft.pathStyle,
        connections: counted(draft.connections, emptyArchive.connections),
        ...filled("secretAccessKey", draft.secretAccessKey),
      };
  }
}

const counted = (value: Count, otherwise: Count): number => Number(value === "" ? otherwise : value);

const filled = <K extends string>(name: K, value: string): { [N in K]?: string } =>
  (value === "" ? {} : { [name]: value }) as { [N in K]?: string };

export type ArchiveErrors = { fields: Partial<Record<ArchiveField, string>>; others: string[] };

/** `/target/address` belongs to the field `address`, `/rule/senderDomains/1` to `senderDomains` (RFC 6901). */
export function errorsOf(problem: Problem | null): ArchiveErrors {
  const fields: ArchiveErrors["fields"] = {};
  const others: string[] = [];
  for (const { pointer, message } of problem?.errors ?? []) {
    const field = fieldOf(pointer);
    if (field === null) others.push(pointer === "" ? message : `${pointer}: ${message}`);
    else fields[field] = fields[field] === undefined ? message : `${fields[field]}\n${message}`;
  }
  return { fields, others };
}

function fieldOf(pointer: string): ArchiveField | null {
  const [, first = "", second = ""] = pointer.split("/");
  const name = first === "rule" || first === "target" ? second : first;
  if (name === "natures") return "nature";
  return name in emptyArchive ? (name as ArchiveField) : null;
}
