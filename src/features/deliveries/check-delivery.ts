/**
 * What can be said against a delivery as soon as it is saved: addresses, headers, routes, audience. Content is looked at
 * by the analysis, because people save it half done.
 */
import type { CreateDelivery } from "../../contract/index.ts";
import { translateCampaign } from "../../core/template/campaign/translate-campaign.ts";
import type { TemplateKind } from "../../core/template/engine.ts";
import { judgeHeader, parseHeaderLines } from "../../core/message/operator-header.ts";
import { parseAddress } from "../../core/address/parse-address.ts";
import { isPersonalised } from "../../core/delivery/sender.ts";
import { DAY, parseDuration } from "../../core/time.ts";
import { parseRoutes } from "../../platform/config.ts";
import type { Queryable } from "../../platform/db.ts";
import { appError, type FieldError } from "../../platform/errors.ts";
import { isIP } from "node:net";
import { checkChoice } from "../segments/index.ts";
import { loadSettings } from "../settings/index.ts";
import { checkTypology } from "../typologies/index.ts";
import { checkPeople, checkWaves } from "./check-start.ts";
import { audienceExists } from "./store.ts";

const MAX_VALIDITY = 365 * DAY;

/** Throws `invalid-input` with all that is wrong. */
export async function checkDelivery(db: Queryable, delivery: CreateDelivery): Promise<void> {
  refuse([
    ...checkFields(delivery),
    ...(await checkSenderAddress(db, delivery.sender)),
    ...(await checkAudience(db, delivery)),
    ...(await checkPeople(db, delivery.settings.approval)),
  ]);
}

/** Throws `invalid-input` if there is any error. */
export function refuse(errors: readonly FieldError[]): void {
  const [first] = errors;
  if (first) throw appError("invalid-input", { detail: `${first.pointer}: ${first.message}` }, errors);
}

/** Throws `invalid-input` about one field. */
export function refuseField(pointer: string, code: string, message: string): never {
  throw appError("invalid-input", { detail: `${pointer}: ${message}` }, [{ pointer, code, message }]);
}

type Fields = Pick<CreateDelivery, "content" | "sender" | "settings">;

/** What is wrong with the fields that a template has too. */
export function checkFields(delivery: Fields): FieldError[] {
  return [
    ...checkSender(delivery.sender),
    ...checkSyntax(delivery),
    ...checkHeaders(delivery.settings.headers),
    ...checkSettings(delivery.settings),
    ...checkWaves(delivery.settings),
  ];
}

/** Every template of the delivery, by the place of its field. */
function templatesOf({ content, sender, settings }: Fields): [pointer: string, source: string, TemplateKind][] {
  return [
    ["/content/subject", content.subject, "header"],
    ["/content/html", content.html ?? "", "html"],
    ["/content/text", content.text ?? "", "text"],
    ["/sender/name", sender.name, "header"],
    ["/sender/address", sender.address, "header"],
    ["/sender/replyToName", sender.replyToName ?? "", "header"],
    ["/sender/replyTo", sender.replyTo ?? "", "header"],
    ["/sender/errorAddress", sender.errorAddress ?? "", "header"],
    ...settings.headers.map(({ value }, index): [string, string, TemplateKind] => [
      `/settings/headers/${index}/value`,
      value,
      "header",
    ]),
  ];
}

/** Campaign syntax is translated when it is saved: what has no translation is said now. */
function checkSyntax(delivery: Fields): FieldError[] {
  if (delivery.content.syntax !== "campaign") return [];
  return templatesOf(delivery).flatMap(([pointer, source, kind]) => {
    const translated = translateCampaign(source, kind);
    if (translated.kind === "translated") return [];
    return translated.errors.map(({ line, column, message }) => ({
      pointer,
      code: "campaign-syntax",
      message: `line ${line}, column ${column}: ${message}`,
    }));
  });
}

function checkSender(sender: CreateDelivery["sender"]): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of ["address", "replyTo", "errorAddress", "unqualifiedAddress"] as const) {
    const text = sender[field];
    // Empty: left out, so that what is below it counts. What is personalised becomes an address only when a message is made.
    if (text === undefined || text.trim() === "") continue;
    if (field !== "unqualifiedAddress" && isPersonalised(text)) continue;
    const result = parseAddress(text);
    if (result.kind !== "invalid") continue;
    errors.push({ pointer: `/sender/${field}`, code: "invalid-address", message: `The address ${result.reason}` });
  }
  for (const field of ["name", "replyToName"] as const) {
    if (!/[\r\n]/.test(sender[field] ?? "")) continue;
    errors.push({ pointer: `/sender/${field}`, code: "line-break", message: "A name has no line breaks" });
  }
  return errors;
}

/** There is no delivery without an address in From: its own, its template's or the platform's. */
async function checkSenderAddress(db: Queryable, { address }: CreateDelivery["sender"]): Promise<FieldError[]> {
  if (address.trim() !== "" || (await loadSettings(db)).sender.address !== "") return [];
  const message = "An address is needed: the platform's settings have none for senders";
  return [{ pointer: "/sender/address", code: "required", message }];
}

function checkHeaders(headers: CreateDelivery["settings"]["headers"]): FieldError[] {
  return headers.flatMap(({ name, value }, index) => {
    const fault = judgeHeader(name, value);
    if (fault === null) return [];
    const field = fault.code === "header-name-invalid" || fault.code === "header-reserved" ? "name" : "value";
    return [{ pointer: `/settings/headers/${index}/${field}`, code: fault.code, message: fault.message }];
  });
}

type HeaderSettings = {
  headers?: CreateDelivery["settings"]["headers"] | null | undefined;
  headerLines?: string | null | undefined;
};

/** Headers that came as text, one `name: value` a line, join the others. */
export function withHeaderLines<S extends HeaderSettings>(settings: S): S {
  const { headerLines, ...rest } = settings;
  if (headerLines === undefined || headerLines === null) return settings;
  const read = parseHeaderLines(headerLines);
  if (read.kind === "headers") return { ...rest, headers: [...(rest.headers ?? []), ...read.headers] } as S;
  const errors = read.errors.map(({ line, message }) => ({
    pointer: "/settings/headerLines",
    code: "invalid-header",
    message: `line ${line}: ${message}`,
  }));
  throw appError("invalid-input", { detail: `/settings/headerLines: ${errors[0]?.message}` }, errors);
}

function checkSettings(settings: CreateDelivery["settings"]): FieldError[] {
  const errors: FieldError[] = [];
  for (const [domain, target] of Object.entries(settings.routes)) {
    const routes = parseRoutes([`${domain}=${target}`]);
    if (typeof routes === "string")
      errors.push({ pointer: `/settings/routes/${domain}`, code: "invalid-route", message: routes });
  }
  if (settings.source !== undefined && isIP(settings.source) === 0) {
    errors.push({ pointer: "/settings/source", code: "invalid-ip", message: `"${settings.source}" is no IP address` });
  }
  if ((parseDuration(settings.validity) ?? 0) > MAX_VALIDITY) {
    errors.push({ pointer: "/settings/validity", code: "too-big", message: "The validity period is at most 365d" });
  }
  return errors;
}

async function checkAudience(db: Queryable, { audience, settings }: CreateDelivery): Promise<FieldError[]> {
  const errors = [...(await checkTarget(db, audience))];
  errors.push(...(await checkTypology(db, settings, "/settings/typology")));
  const { service } = settings;
  if (service !== undefined) errors.push(...(await checkChoice(db, { service }, "/settings/service")));
  // Deliveries that were saved before there were such rules have none.
  const rules = (settings.exclude as CreateDelivery["settings"]["exclude"] | undefined) ?? [];
  for (const [index, rule] of rules.entries()) {
    errors.push(...(await checkChoice(db, rule, `/settings/exclude/${index}`)));
  }
  const weights = (settings.population as CreateDelivery["settings"]["population"] | undefined)?.weights;
  if (weights === undefined || "attribute" in weights) return errors;
  for (const [index, { segment }] of weights.cases.entries()) {
    errors.push(...(await checkChoice(db, { segment }, `/settings/population/weights/cases/${index}`)));
  }
  return errors;
}

/** Whom a delivery names, if they are there. */
export async function checkTarget(db: Queryable, audience: CreateDelivery["audience"]): Promise<readonly FieldError[]> {
  if ("list" in audience) return missing(db, "list", audience.list, "There is no list");
  if ("import" in audience) return missing(db, "import", audience.import, "There is no import");
  if ("file" in audience) return missing(db, "file", audience.file, "There are no rows of a file");
  return "all" in audience ? [] : checkChoice(db, audience, "/audience");
}

async function missing(db: Queryable, kind: "list" | "import" | "file", id: string, what: string) {
  if (await audienceExists(db, kind, id)) return [];
  return [{ pointer: `/audience/${kind}`, code: "not-found", message: `${what} ${id}` }];
}
