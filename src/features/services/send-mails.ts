/**
 * Makes single messages of the mails that services owe. What a template cannot say (it is gone, is not published, shows a value that is not
 * there) the built-in text says, and the journal tells why: nobody waits for a confirmation that never comes.
 */
import { newMessageSchema, type SingleMessage } from "../../contract/index.ts";
import { type Duration, type Instant, MINUTE } from "../../core/time.ts";
import type { Db } from "../../platform/db.ts";
import { AppError, errorText } from "../../platform/errors.ts";
import { chooseLanguage } from "../../platform/public-page.ts";
import type { TemplateMessages } from "../messages/index.ts";
import { notify } from "../notices/index.ts";
import { builtInMail } from "./built-in-mails.ts";
import { type DueMail, endMail, leaseDueMails } from "./mail-store.ts";

export type ServiceMailDeps = { readonly db: Db; readonly now: () => Instant; readonly messages: TemplateMessages };

/** The value that a confirmation must show. */
export const LINK = "confirmation_link";

const AT_ONCE = 50;
const LEASE: Duration = MINUTE;
/** What fails for another reason than the template is tried again so often. */
const ATTEMPTS_MAX = 5;

/** All that is due. How many. */
export async function sendServiceMails(deps: ServiceMailDeps, signal?: AbortSignal): Promise<number> {
  let done = 0;
  while (!signal?.aborted) {
    const due = await leaseDueMails(deps.db, LEASE, AT_ONCE, deps.now());
    await Promise.all(due.map((mail) => send(deps, mail)));
    done += due.length;
    if (due.length < AT_ONCE) break;
  }
  return done;
}

async function send(deps: ServiceMailDeps, mail: DueMail): Promise<void> {
  try {
    const { id, ignored } = await accept(deps, mail);
    // They are subscribed, or asked for it themselves: what the denylist says of other mail does not concern the question.
    if (ignored !== null) await sendBuiltIn(deps, mail, ignored);
    else await endMail(deps.db, mail.id, { sentAs: "template", message: id, problem: "" });
  } catch (error) {
    if (!(error instanceof AppError) && mail.attempts < ATTEMPTS_MAX) return;
    await sendBuiltIn(deps, mail, errorText(error));
  }
}

async function accept({ messages, now }: ServiceMailDeps, mail: DueMail): Promise<SingleMessage> {
  const template = String(mail.template_id);
  if (mail.kind === "confirmation" && !(await messages.shownBy(template, now())).has(LINK)) throw linkMissing();
  const message = newMessageSchema.parse({
    to: mail.address,
    template,
    data: dataOf(mail),
    // After a crash in between it is the same message.
    externalId: `envoi:service-mail:${mail.id}`,
    tags: [`service-${mail.kind}`],
    metadata: { service: String(mail.service_id) },
  });
  return (await messages.accept(message)).message;
}

function linkMissing(): AppError {
  return new AppError("invalid-input", { detail: `The template does not show {{ recipient.${LINK} }}` });
}

/** What the wish says of the person goes before what is known; ours goes before both. */
function dataOf({ attributes, data, language, service }: DueMail): Record<string, unknown> {
  return { language, ...attributes, ...data.attributes, service_name: service, [LINK]: data.link };
}

/** Of who shall get no mail, only the question is worth one: they asked for it. */
async function sendBuiltIn({ db, now }: ServiceMailDeps, mail: DueMail, problem: string): Promise<void> {
  const isBarred = problem === "denylisted" || problem === "quarantined";
  const sentAs = isBarred && mail.kind !== "confirmation" ? "nothing" : "built-in";
  await db.transaction(async (tx) => {
    if (!(await endMail(tx, mail.id, { sentAs, message: null, problem })) || sentAs === "nothing") return;
    const language = chooseLanguage(undefined, mail.attributes["language"], mail.language);
    const text = builtInMail(mail.kind, language, mail.service, mail.data.link);
    await notify(tx, { to: [mail.address], ...text }, now());
  });
}
