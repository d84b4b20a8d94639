/** What can be said against a template: the same as against a delivery, as far as the template sets the field. */
import {
  settingsSchema,
  type Content,
  type ContentProblem,
  type Given,
  type Sender,
  type Settings,
  type TemplateInput,
} from "../../contract/index.ts";
import { checkFields, refuse, withHeaderLines, withoutEmpty } from "../deliveries/index.ts";
import type { Defaults } from "./store.ts";

/** The fields as they are kept. Throws `invalid-input` with all that is wrong. */
export function checkTemplate(input: TemplateInput): Defaults {
  const sender = withoutEmpty(input.sender ?? {});
  const defaults: Defaults = { content: input.content ?? {}, sender, settings: withHeaderLines(input.settings ?? {}) };
  refuse(checkFields(asDelivery(defaults)).filter(({ pointer }) => isSet(defaults, pointer)));
  return defaults;
}

export type WholeFields = { readonly content: Content; readonly sender: Sender; readonly settings: Settings };

/** With something harmless in each field that the template leaves to the delivery. */
export function asDelivery({ content, sender, settings }: Defaults): WholeFields {
  const hasBody = Boolean(content.html?.trim() || content.text?.trim());
  return {
    content: { subject: "-", syntax: "liquid", ...given(content), ...(hasBody ? {} : { text: "-" }) },
    sender: { name: "", address: "nobody@template.invalid", ...given(sender) },
    settings: settingsSchema.parse(settings),
  };
}

/** Without the keys that stand for nothing. */
function given<T>(fields: Given<T>): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}

function isSet(defaults: Defaults, pointer: string): boolean {
  const [, area = "", field = ""] = pointer.split("/");
  return field in (defaults[area as keyof Defaults] ?? {});
}

/** Of what is wrong with the content of such a delivery, what the template itself says. */
export function ownProblems(defaults: Defaults, problems: readonly ContentProblem[]): ContentProblem[] {
  const { content, sender } = defaults;
  return problems.filter(({ part }) => {
    if (part === "subject" || part === "html" || part === "text") return content[part] !== undefined;
    return part !== "from" || sender.name !== undefined || sender.address !== undefined;
  });
}
