/** Whether a message has a mirror page for the one who asks, and its HTML: what the recipient's mail holds, from the same renderer. */
import type { MessageKey } from "../../core/delivery/status.ts";
import { parseDuration, readInstant, type Instant } from "../../core/time.ts";
import type { TokenMark } from "../../core/tracking/token.ts";
import type { Db } from "../../platform/db.ts";
import { loadFiles } from "../files/index.ts";
import { findImages, showImages } from "./show-images.ts";
import { findMirrorRow, listEmbeddedImages, type MirrorRow } from "./store.ts";

/**
 * `mark`: of the tokens in it. `live`: exactly the mail's links and pixel; `preview`: for an operator, whose looking must count
 * as nobody's reaction; `copy`: as in an inert copy.
 * `html` also for recipients who get text only; null where the delivery has none.
 */
export type RenderMirror = (
  message: MessageKey & { readonly deliveryId: number },
  mark: TokenMark,
) => Promise<
  | { readonly kind: "rendered"; readonly html: string | null }
  | { readonly kind: "missing" }
  | { readonly kind: "error"; readonly message: string }
>;

export type Viewer = "recipient" | "operator";

type Opened =
  | { readonly kind: "page"; readonly html: string }
  /** `language`: of the recipient's attributes; anything. */
  | { readonly kind: "expired" | "no-html"; readonly language: unknown }
  /** `none`: the message is there, its delivery makes no mirror pages for this viewer. */
  | { readonly kind: "missing" | "none" }
  | { readonly kind: "error"; readonly message: string };

export async function openMirror(
  deps: { readonly db: Db; readonly renderMessage: RenderMirror },
  key: MessageKey,
  viewer: Viewer,
  now: Instant,
  mark: TokenMark = viewer === "recipient" ? "live" : "preview",
): Promise<Opened> {
  const { db, renderMessage } = deps;
  const row = await findMirrorRow(db, key);
  if (row === null) return { kind: "missing" };
  const access = decideAccess(row, viewer, now);
  if (access === "none") return { kind: "none" };
  if (access === "expired") return { kind: "expired", language: row.language };
  const message = { partId: key.partId, seq: key.seq, deliveryId: row.delivery_id };
  const rendered = await renderMessage(message, mark);
  if (rendered.kind !== "rendered") return rendered;
  if (rendered.html === null) return { kind: "no-html", language: row.language };
  return { kind: "page", html: await withImages(db, row.content_id, rendered.html) };
}

/** Recipients have a link only where the content gave them one, so for them `default` is like `force`. */
function decideAccess(row: MirrorRow, viewer: Viewer, now: Instant): "open" | "none" | "expired" {
  if (row.is_of_file) return "none";
  switch (row.mirror) {
    case "none":
      return "none";
    case "message-id":
      if (viewer === "recipient") return "none";
      break;
    case "default":
      if (viewer === "operator" && !row.linked) return "none";
      break;
    case "force":
  }
  const until = readInstant(row.resource_until ?? "");
  if (until !== null) return now < until ? "open" : "expired";
  const validity = parseDuration(row.resource_validity);
  if (validity === null || row.started_at === null) return "open";
  return now < row.started_at + validity ? "open" : "expired";
}

const IMAGE = /^image\/[a-z0-9.+-]+$/i;

async function withImages(db: Db, content: number, html: string): Promise<string> {
  const shown = findImages(html);
  if (shown.size === 0) return html;
  const images = (await listEmbeddedImages(db, content)).filter(({ contentId }) => shown.has(contentId ?? ""));
  const files = await loadFiles(
    db,
    images.map((image) => image.fileId),
  );
  const urls = new Map<string, string>();
  for (const { contentId, fileId, contentType } of images) {
    const file = files.get(fileId);
    if (contentId === null || file === undefined || !IMAGE.test(contentType)) continue;
    urls.set(contentId, `data:${contentType};base64,${Buffer.from(file.content).toString("base64")}`);
  }
  return showImages(html, urls);
}
