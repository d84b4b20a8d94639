/** A delivery as a sender needs it: compiled manifest, keys, limits in time. Loaded once and kept. */
import type { KeyObject } from "node:crypto";

import type { DeliveryArchive } from "../core/archive/archive.ts";
import { compileContent, type CompiledContent } from "../core/message/compile-content.ts";
import type { Codec } from "../core/message/charset.ts";
import type { Manifest } from "../core/message/manifest.ts";
import type { SigningIdentity } from "../core/dkim/signature.ts";
import type { TokenKey, TokenMark } from "../core/tracking/token.ts";
import { type DeliveryMode, readMode } from "../core/delivery/mode.ts";
import { readRetries, type Retries } from "../core/delivery/retry-plan.ts";
import { assertNever } from "../core/never.ts";
import type { DsnRequest } from "../core/smtp/dsn.ts";
import type { Instant } from "../core/time.ts";
import type { Settings } from "../contract/index.ts";
import { loadSigningKeys } from "../features/domains/index.ts";
import { encodeFiles } from "../features/files/index.ts";
import { loadTokenKeys } from "../features/secrets/index.ts";
import { settingsWithPool } from "../features/sources/index.ts";
import { parseRoutes, type Routes } from "../platform/config.ts";
import type { Db } from "../platform/db.ts";
import type { MasterKey } from "../platform/seal.ts";
import { createContentLoader, type LoadContent } from "./single-content.ts";
import type { SourceWish } from "./source-book.ts";
import type { InDoubtPolicy } from "./store.ts";

/** Reads a PEM private key; handed in by the composition root. */
export type ReadKey = (
  pem: string,
) => { readonly kind: "key"; readonly key: KeyObject } | { readonly kind: "unusable"; readonly detail: string };

export type SendableDeps = { readonly readKey: ReadKey; readonly codec: Codec; readonly masterKey: MasterKey };

export type SendableDelivery = {
  readonly id: number;
  readonly label: string;
  readonly content: CompiledContent;
  /** Date of every message of the delivery: the same bytes at every attempt. */
  readonly at: Instant;
  readonly validUntil: Instant;
  readonly inDoubtPolicy: InDoubtPolicy;
  readonly routes: Routes;
  readonly transport: Settings["transport"];
  readonly wish: SourceWish;
  readonly retries: Retries;
  readonly mode: DeliveryMode;
  /** What to ask of servers that offer delivery status notifications; null: nothing. */
  readonly notify: DsnRequest["notify"] | null;
  /** Domains of its signatures and of the links in it: providers name them when they complain. */
  readonly dkimDomains: readonly string[];
  readonly urlDomains: readonly string[];
  /** In the order of the signatures in the header; none: unsigned. */
  readonly signing: readonly (SigningIdentity & { readonly key: KeyObject })[];
  /** Null: no copies. */
  readonly archive: DeliveryArchive | null;
  /** Of single messages with content of their own; null: it is no carrier, all its messages share one. */
  readonly loadContent: LoadContent | null;
  readonly tokens: { readonly base: string; readonly key: TokenKey; readonly mark: TokenMark };
};

type Row = {
  id: number;
  label: string;
  settings: Settings;
  manifest: Manifest | null;
  signing_keys: number[] | null;
  started_at: Instant | null;
  analysed_at: Instant;
  valid_until: Instant | null;
  archive: DeliveryArchive | null;
  kind: "campaign" | "proof" | "single";
};

export type Sendable =
  | { readonly kind: "sendable"; readonly delivery: SendableDelivery }
  /** Nothing of it can be sent, for a reason that an operator must see. */
  | { readonly kind: "unusable"; readonly reason: string };

const unusable = (reason: string) => ({ kind: "unusable" as const, reason });

/** Null when the delivery does not exist (any more). */
export async function loadSendableDelivery(db: Db, id: number, deps: SendableDeps): Promise<Sendable | null> {
  const [row] = await db.query<Row>(
    `select id, label, ${settingsWithPool("deliveries")} as settings, manifest, signing_keys, started_at, analysed_at, valid_until, archive, kind
       from deliveries where id = $1`,
    [id],
  );
  if (!row) return null;
  if (row.manifest === null) return unusable("it was analysed by an older version; stop it and analyse a copy");
  const files = await encodeFiles(
    db,
    row.manifest.attachments.map(({ fileId }) => fileId),
  );
  const compiled = compileContent(row.manifest, { internal: true, codec: deps.codec, files });
  if (compiled.kind === "errors") return unusable(`the content does not compile: ${compiled.errors[0]?.message}`);
  const signing = await readSigningKeys(db, row.signing_keys ?? [], deps);
  if ("kind" in signing) return signing;
  const key = (await loadTokenKeys(db, deps.masterKey)).byId.get(row.manifest.tokenKeyId);
  if (!key) return unusable(`the key ${row.manifest.tokenKeyId} of its links does not exist`);
  const routes = parseRoutes(Object.entries(row.settings.routes).map(([domain, server]) => `${domain}=${server}`));
  return {
    kind: "sendable",
    delivery: {
      id: row.id,
      label: row.label,
      content: compiled.content,
      at: row.started_at ?? row.analysed_at,
      validUntil: row.valid_until ?? Number.MAX_SAFE_INTEGER,
      inDoubtPolicy: row.settings.inDoubtPolicy,
      routes: typeof routes === "string" ? {} : routes,
      // Deliveries of an older version have none.
      transport: row.settings.transport ?? "platform",
      wish: { pool: row.settings.pool ?? null, source: row.settings.source ?? null },
      retries: readRetries(row.settings.retries),
      mode: readMode(row.settings.mode),
      notify: notifyOf(row.settings.dsn),
      dkimDomains: [...new Set(signing.map(({ domain }) => domain.toLowerCase()))],
      urlDomains: urlDomainsOf(row.manifest),
      signing,
      archive: row.archive,
      loadContent: row.kind === "single" ? createContentLoader(db, deps) : null,
      tokens: { base: row.manifest.publicUrl, key, mark: markOf(row) },
    },
  };
}

/** Links of what is no real message count nothing. */
function markOf({ kind, settings }: Row): TokenMark {
  return kind !== "proof" && readMode(settings.mode) === "live" ? "live" : "preview";
}

function notifyOf(dsn: Settings["dsn"]): SendableDelivery["notify"] {
  switch (dsn) {
    case undefined:
      return null;
    case "never":
      return "NEVER";
    case "failure":
      return ["FAILURE"];
    case "failure-and-delay":
      return ["FAILURE", "DELAY"];
    case "always":
      return ["SUCCESS", "FAILURE", "DELAY"];
    default:
      return assertNever(dsn);
  }
}

/** Hosts that recipients see in its links: ours, and those of links that are not tracked. */
function urlDomainsOf({ publicUrl, links }: Manifest): readonly string[] {
  const hosts = [publicUrl, ...links.map(({ url }) => url)].flatMap((url) =>
    URL.canParse(url) ? new URL(url).hostname : [],
  );
  return [...new Set(hosts.filter((host) => host !== ""))];
}

async function readSigningKeys(
  db: Db,
  ids: readonly number[],
  { masterKey, readKey }: SendableDeps,
): Promise<SendableDelivery["signing"] | Extract<Sendable, { kind: "unusable" }>> {
  const keys = [];
  for (const { privateKey, ...identity } of await loadSigningKeys(db, masterKey, ids)) {
    const read = readKey(privateKey);
    if (read.kind === "unusable") {
      return unusable(`DKIM key ${identity.selector}._domainkey.${identity.domain}: ${read.detail}`);
    }
    keys.push({ ...identity, key: read.key });
  }
  return keys;
}
