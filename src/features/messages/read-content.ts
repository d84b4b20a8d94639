/**
 * What a single message says, from its template and its own fields to compiled content. Many messages say the same: what was read is kept
 * for a while, and read again so that a changed block or setting counts soon.
 */
import { createHash } from "node:crypto";

import { type CompiledContent, compileContent } from "../../core/message/compile-content.ts";
import { parseAddress } from "../../core/address/parse-address.ts";
import { outsideMasks } from "../../core/delivery/sender.ts";
import { type Duration, type Instant, SECOND } from "../../core/time.ts";
import type { ContentProblem, CreateDelivery } from "../../contract/index.ts";
import type { Db } from "../../platform/db.ts";
import { appError } from "../../platform/errors.ts";
import { type ContentDeps, encodeAttachments, loadEnvironment, prepareContent } from "../content/index.ts";
import { refuse } from "../deliveries/index.ts";
import { describeFiles } from "../files/index.ts";

export type Wording = Pick<CreateDelivery, "content" | "sender" | "settings">;
type Environment = Awaited<ReturnType<typeof loadEnvironment>>;
type Prepared = Extract<Awaited<ReturnType<typeof prepareContent>>, { kind: "prepared" }>;

export type KnownContent = Wording & {
  readonly prepared: Prepared;
  readonly compiled: CompiledContent;
  /** The same for the same bytes, whatever the values. */
  readonly hash: Buffer;
  readonly senderDomain: string;
  readonly platform: Environment["platform"];
};

export type ReadWording = (wording: Wording, now: Instant) => Promise<KnownContent>;

const KEPT_FOR: Duration = 15 * SECOND;
const ENVIRONMENT_FOR: Duration = 5 * SECOND;
/** Of content, the last used; each weighs some times its source. */
const KEPT = 200;
/** Characters of content beyond which it is not kept. */
const KEPT_LENGTH = 1_000_000;

type Kept<T> = { readonly value: Promise<T>; readonly until: Instant };

/** Throws `invalid-input` for content that cannot be sent. */
export function createWordingReader(db: Db, deps: ContentDeps): ReadWording {
  const known = new Map<string, Kept<KnownContent>>();
  let environment: Kept<Environment> | null = null;

  const environmentAt = (settings: Wording["settings"], now: Instant) => {
    if (environment === null || environment.until < now) {
      const value = loadEnvironment(db, { ...settings, attachments: [] }, deps.publicUrl);
      environment = { value, until: now + ENVIRONMENT_FOR };
      value.catch(() => (environment = null));
    }
    return environment.value;
  };

  async function read(wording: Wording, now: Instant): Promise<KnownContent> {
    const files = await describeFiles(
      db,
      wording.settings.attachments.map(({ file }) => Number(file)),
    );
    const known = await environmentAt(wording.settings, now);
    const prepared = await prepareContent(wording, { ...known, files });
    if (prepared.kind === "errors") throw refused(prepared.errors);
    refuseOutside(prepared, known.platform);
    const encoded = await encodeAttachments(db, prepared.manifest, prepared.images);
    const compiled = compileContent(prepared.manifest, { internal: true, codec: deps.codec, files: encoded });
    if (compiled.kind === "errors") throw refused(compiled.errors);
    const sender = parseAddress(prepared.manifest.fromAddress);
    return {
      ...wording,
      prepared,
      compiled: compiled.content,
      hash: hashOf(prepared),
      senderDomain: sender.kind === "valid" ? sender.domain : "",
      platform: known.platform,
    };
  }

  return (wording, now) => {
    const text = JSON.stringify(wording);
    if (text.length > KEPT_LENGTH) return read(wording, now);
    const before = known.get(text);
    known.delete(text);
    const kept = before && before.until >= now ? before : { value: read(wording, now), until: now + KEPT_FOR };
    known.set(text, kept);
    kept.value.catch(() => known.delete(text));
    if (known.size > KEPT) known.delete(known.keys().next().value ?? "");
    return kept.value;
  };
}

/** Single messages have no analysis that would say it. */
function refuseOutside({ manifest }: Prepared, { senderMasks }: Environment["platform"]): void {
  const sender = { address: manifest.fromAddress, errorAddress: manifest.errorAddress ?? "" };
  refuse(
    outsideMasks(sender, senderMasks).map(({ field, address, masks }) => ({
      pointer: `/sender/${field}`,
      code: "outside-masks",
      message: `${address} is none of the addresses that the settings allow: ${masks.join(", ")}`,
    })),
  );
}

function hashOf({ manifest, images }: Prepared): Buffer {
  const hash = createHash("sha256").update(JSON.stringify(manifest));
  for (const { bytes } of images) hash.update("\0").update(bytes);
  return hash.digest();
}

function refused(errors: readonly Pick<ContentProblem, "part" | "line" | "column" | "code" | "message">[]) {
  const fields = errors.map(({ part, line, column, code, message }) => ({
    pointer: pointerOf(part),
    code,
    message: `line ${line}, column ${column}: ${message}`,
  }));
  return appError("invalid-input", { detail: `${fields[0]?.pointer}: ${fields[0]?.message}` }, fields);
}

/** Where in a request a part of the content stands. */
export function pointerOf(part: string): string {
  if (part === "to") return "/to";
  if (part === "from") return "/sender";
  if (part === "replyTo" || part === "errorAddress") return `/sender/${part}`;
  if (part.startsWith("header:")) return "/headers";
  if (part.startsWith("attachment:")) return `/attachments/${part.slice("attachment:".length)}`;
  return part === "content" ? "/content" : `/content/${part}`;
}
