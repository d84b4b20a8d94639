/** What a single message is to say: its template as it was published, and its own fields over that. */
import type { NewMessage } from "../../contract/index.ts";
import { type Duration, type Instant, SECOND } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { checkFields, refuse, refuseField } from "../deliveries/index.ts";
import { saveFile } from "../files/index.ts";
import { type Defaults, layOver } from "../templates/index.ts";
import { findPublished, type Published } from "./publish-store.ts";
import type { Wording } from "./read-content.ts";

export type ChosenWording = {
  readonly wording: Wording;
  readonly template: Published | null;
  /** Not all of it is the template's. */
  readonly isOwn: boolean;
};

/** How long an answer about a template is believed. */
const KEPT_FOR: Duration = SECOND;
/** What single messages are unless somebody says otherwise: they were asked for. */
const DEFAULTS: Defaults = { content: {}, sender: {}, settings: { nature: "service" } };
const LABEL = "Single messages";

type Known = { readonly value: Promise<Published | null>; readonly until: Instant };

/** Throws `invalid-input`: no such template, not published, or not all that a message needs. */
export function createWordingChooser(db: Db): (input: NewMessage, now: Instant) => Promise<ChosenWording> {
  const templates = new Map<string, Known>();
  const whole = new WeakMap<Published, Wording>();

  const findTemplate = (id: string, now: Instant) => {
    let known = templates.get(id);
    if (!known || known.until < now) {
      for (const [old, { until }] of templates) if (until < now) templates.delete(old);
      known = { value: findPublished(db, Number(id)), until: now + KEPT_FOR };
      templates.set(id, known);
      known.value.catch(() => templates.delete(id));
    }
    return known.value;
  };

  return async (input, now) => {
    const template = input.template === undefined ? null : await findTemplate(input.template, now);
    if (template === null && input.template !== undefined) {
      refuseField("/template", "not-published", `There is no template ${input.template}, or it is not published`);
    }
    const isOwn = OWN.some((field) => input[field] !== undefined);
    if (template === null || isOwn)
      return { wording: await ownWording(db, input, template, now), template, isOwn: true };
    let wording = whole.get(template);
    if (!wording) whole.set(template, (wording = lay(template.defaults, {})));
    return { wording, template, isOwn: false };
  };
}

const OWN = ["content", "sender", "settings", "headers", "attachments"] as const;

async function ownWording(db: Db, input: NewMessage, template: Published | null, now: Instant): Promise<Wording> {
  const wording = lay(template?.defaults ?? { content: {}, sender: {}, settings: {} }, input);
  const { settings } = wording;
  const added = {
    ...wording,
    settings: {
      ...settings,
      headers: [...settings.headers, ...(input.headers ?? [])],
      attachments: [...settings.attachments, ...(await keepAttachments(db, input.attachments ?? [], now))],
    },
  };
  refuse(checkFields(added));
  return added;
}

function lay(
  defaults: Defaults,
  { content, sender, settings }: Pick<NewMessage, "content" | "sender" | "settings">,
): Wording {
  const below = { ...defaults, settings: { ...DEFAULTS.settings, ...defaults.settings } };
  const asked = { label: LABEL, audience: { all: true as const }, content: content ?? {}, sender: sender ?? {} };
  const { content: said, sender: from, settings: set } = layOver(below, { ...asked, settings: settings ?? {} });
  return { content: said, sender: from, settings: set };
}

type Given = NonNullable<NewMessage["attachments"]>[number];
type Attachment = Wording["settings"]["attachments"][number];

function keepAttachments(db: Db, given: readonly Given[], now: Instant): Promise<Attachment[]> {
  const decoded = given.map((attachment, index) =>
    "base64" in attachment ? { ...attachment, content: decode(attachment.base64, index) } : attachment,
  );
  return Promise.all(
    decoded.map(async (attachment) => {
      if (!("content" in attachment)) return attachment;
      const { name, contentType, content, contentId } = attachment;
      const { id } = await saveFile(db, { name, contentType, content }, now);
      return { file: id, ...(contentId === undefined ? {} : { contentId }) };
    }),
  );
}

/** RFC 4648 §4; line breaks are passed over. */
function decode(text: string, index: number): Buffer {
  const base64 = text.replace(/[\r\n]/g, "");
  const content = Buffer.from(base64, "base64");
  // Node reads what it can and leaves out the rest.
  if (content.toString("base64").replace(/=+$/, "") !== base64.replace(/={1,2}$/, "")) {
    refuseField(`/attachments/${index}/base64`, "invalid-base64", "This is no base64");
  }
  return content;
}
