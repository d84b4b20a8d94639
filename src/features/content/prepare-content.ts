/**
 * From what the operator wrote to the manifest: campaign syntax translated, blocks expanded, MJML compiled, CSS inlined, images embedded,
 * text made from HTML, links numbered. Everything that later renders a message starts from here.
 */
import type { Attachment, Manifest } from "../../core/message/manifest.ts";
import { SECOND } from "../../core/time.ts";
import type { ContentProblem, Settings } from "../../contract/index.ts";
import type { Environment } from "./environment.ts";
import { cidReferences } from "./html/cid-references.ts";
import { addHoneypot, addOpenPixel } from "./html/add-markup.ts";
import { embedDataImages, type DataImage } from "./html/data-images.ts";
import { htmlToText } from "./html/html-to-text.ts";
import { inlineCss } from "./html/inline-css.ts";
import { compileMjml, isMjml } from "./html/mjml.ts";
import { numberLinks } from "./html/number-links.ts";
import { readParts, type DeliveryContent, type ReadParts, type UsedInPart } from "./read-parts.ts";

export type Prepared = {
  readonly kind: "prepared";
  readonly manifest: Manifest;
  /** Images that the HTML held as `data:`; their attachments in the manifest have the ids -1, -2 … until they are stored. */
  readonly images: readonly DataImage[];
  /** With places in the operator's source. */
  readonly attributes: readonly UsedInPart[];
  /** What can be sent and yet should be looked at. */
  readonly warnings: readonly ContentProblem[];
  /** Attributes that nobody had so far; the analysis says so of its target, with numbers. */
  readonly unknown: readonly ContentProblem[];
};

export type Preparation = Prepared | { readonly kind: "errors"; readonly errors: readonly ContentProblem[] };

/** The target of the honeypot: a page that nobody is sent to, because nobody can see the link. */
const HONEYPOT_PATH = "/healthz";

export async function prepareContent(delivery: DeliveryContent, environment: Environment): Promise<Preparation> {
  const { settings } = delivery;
  const { platform } = environment;
  const parts = readParts(delivery, platform, environment);
  const errors = [...parts.errors];
  const warnings: ContentProblem[] = [];
  const note = (part: "html" | "text", problems: readonly { line: number; column: number; message: string }[]) => {
    for (const { line, column, message } of problems) warnings.push({ part, line, column, code: "markup", message });
  };

  const html = await readHtml(parts, errors);
  const images = html !== null && settings.embedImages ? embedDataImages(html) : { html, images: [], problems: [] };
  const inlined =
    images.html !== null && delivery.content.inlineCss !== false
      ? inlineCss(images.html)
      : { html: images.html, problems: [] };
  note("html", [...images.problems, ...inlined.problems]);
  const attachments = listAttachments(settings, parts, environment, images.images, errors);
  if (html !== null) errors.push(...missingImages(html, attachments));
  const text = parts.text ?? (inlined.html === null ? null : generatedText(delivery, inlined.html));
  const numbered = numberLinks(inlined.html, text, { clicks: settings.tracking.clicks, overrides: settings.links });
  note("html", numbered.problems);
  if (errors.length > 0) return { kind: "errors", errors };
  const unknown = unknownAttributes(parts, environment);

  const honeypot =
    numbered.html !== null && settings.tracking.honeypot && settings.tracking.clicks ? numbered.links.length + 1 : null;
  const manifest: Manifest = {
    version: 1,
    subject: parts.subject,
    html: markHtml(numbered.html, honeypot, settings.tracking.opens),
    text: numbered.text,
    fromName: parts.fromName,
    fromAddress: parts.fromAddress,
    replyTo: parts.replyTo,
    ...(parts.replyToName === "" ? {} : { replyToName: parts.replyToName }),
    errorAddress: parts.errorAddress,
    verp: settings.verp ?? isOurs(parts.errorAddress, platform.bounceDomain),
    headers: parts.headers,
    attachments,
    format: settings.format,
    formatRules: platform.formatRules,
    charset: settings.charset.toLowerCase(),
    links: honeypot === null ? numbered.links : [...numbered.links, honeypotLink(honeypot, environment.publicUrl)],
    honeypot,
    listUnsubscribe: {
      header: settings.listUnsubscribe && settings.nature === "marketing",
      mailbox: platform.unsubscribeAddress || null,
    },
    variables: settings.variables,
    platform: { name: platform.organisation, logoUrl: platform.logoUrl },
    publicUrl: environment.publicUrl,
    tokenKeyId: environment.tokenKeyId,
    personalisationTimeout: Number.parseInt(settings.personalisationTimeout, 10) * SECOND,
  };
  return { kind: "prepared", manifest, images: images.images, attributes: parts.attributes, warnings, unknown };
}

async function readHtml(parts: ReadParts, errors: ContentProblem[]): Promise<string | null> {
  if (parts.html === null || !isMjml(parts.html)) return parts.html;
  const compiled = await compileMjml(parts.html);
  if (compiled.kind === "html") return compiled.html;
  for (const { line, column, message } of compiled.errors)
    errors.push({ part: "html", line, column, code: "mjml", message });
  return "";
}

function generatedText({ content, settings }: DeliveryContent, html: string): string | null {
  return content.generateText === false || settings.format === "html" ? null : htmlToText(html);
}

function markHtml(html: string | null, honeypot: number | null, opens: boolean): string | null {
  if (html === null) return null;
  const baited = honeypot === null ? html : addHoneypot(html, honeypot);
  return opens ? addOpenPixel(baited) : baited;
}

function honeypotLink(number: number, publicUrl: string): Manifest["links"][number] {
  const url = `${publicUrl}${HONEYPOT_PATH}`;
  return {
    number,
    url,
    personalised: false,
    mode: "tracked",
    label: "",
    category: "",
    part: "html",
    line: 1,
    column: 1,
  };
}

/** Whether the return path is one that the inbound role receives. */
function isOurs(errorAddress: string | null, bounceDomain: string): boolean {
  return errorAddress !== null && bounceDomain !== "" && errorAddress.toLowerCase().endsWith(`@${bounceDomain}`);
}

function listAttachments(
  settings: Settings,
  parts: ReadParts,
  { files, platform }: Environment,
  images: readonly DataImage[],
  errors: ContentProblem[],
): Attachment[] {
  const fail = (index: number, message: string) =>
    errors.push({ part: `attachment:${index}`, line: 1, column: 1, code: "attachment", message });
  const attachments: Attachment[] = [];
  for (const [index, { file, contentId }] of settings.attachments.entries()) {
    const found = files.get(Number(file));
    if (!found) {
      fail(index, `there is no file ${file}`);
      continue;
    }
    const { contentType, size } = found;
    // A file's own name is no template.
    const name = parts.attachmentNames[index] ?? escapeLiquid(found.name);
    attachments.push({ fileId: Number(file), name, contentType, size, contentId: contentId ?? null });
  }
  for (const [index, image] of images.entries()) {
    const name = `image-${index + 1}.${image.contentType.split("/")[1]?.replace(/\W.*$/, "") ?? "bin"}`;
    const { contentId, contentType, bytes } = image;
    attachments.push({ fileId: -1 - index, name, contentType, size: bytes.length, contentId });
  }
  const total = attachments.reduce((sum, { size }) => sum + size, 0);
  if (total > platform.maxAttachmentBytes) {
    fail(0, `the attachments have ${total} bytes together, ${platform.maxAttachmentBytes} are allowed (settings)`);
  }
  return attachments;
}

function escapeLiquid(text: string): string {
  return /\{[{%]/.test(text) ? `{% raw %}${text}{% endraw %}` : text;
}

function missingImages(html: string, attachments: readonly Attachment[]): ContentProblem[] {
  const known = new Set(attachments.map(({ contentId }) => contentId));
  return cidReferences(html)
    .filter(({ contentId }) => !known.has(contentId))
    .map(({ contentId, line, column }) => ({
      part: "html",
      line,
      column,
      code: "attachment",
      message: `the image cid:${contentId} is not among the attachments`,
    }));
}

function unknownAttributes({ attributes }: ReadParts, { knownAttributes }: Environment): ContentProblem[] {
  if (knownAttributes.size === 0) return [];
  return attributes
    .filter(({ name }) => name !== "email" && !knownAttributes.has(name))
    .map(({ part, line, column, path }) => ({
      part,
      line,
      column,
      code: "unknown-attribute",
      message: `no recipient has ${path}`,
    }));
}
