/** Whether a mail says, and says nothing but, that its writer wants no more. Whose wish it is, signed tags decide. */
import { plainTextOf } from "./notices/plain-text.ts";
import type { InboundMail } from "./reading.ts";

const WISH =
  /^(?:please |s'il vous plaît |por favor,? )?(?:unsubscribe(?: me)?|stop|remove(?: me)?|opt[- ]?out|(?:se |me )?désabonner|(?:se |me )?désinscrire|désabonnement|désinscription|désinscrivez-moi|désabonnez-moi|baja|(?:darme|darse) de baja|cancelar (?:la )?suscripción)(?: please| s'il vous plaît| por favor)?[.!]*$/i;

/** The whole subject, or the first line of the text: a quoted message may say the word too. */
export function saysUnsubscribe(mail: InboundMail): boolean {
  const subject = mail.headers.find(({ name }) => name === "subject")?.value ?? "";
  const first = textOf(mail)
    .slice(0, 2000)
    .split("\n")
    .find((line) => line.trim() !== "");
  return [subject, first ?? ""].some((text) =>
    WISH.test(text.slice(0, 200).trim().normalize("NFC").replaceAll("’", "'")),
  );
}

function textOf(mail: InboundMail): string {
  const plain = mail.parts.find(({ type }) => type === "text/plain");
  if (plain !== undefined && plain.text.trim() !== "") return plain.text;
  const html = mail.parts.find(({ type }) => type === "text/html");
  return html === undefined ? "" : plainTextOf(html.text.slice(0, 20_000));
}
