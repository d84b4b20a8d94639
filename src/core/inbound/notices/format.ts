/**
 * Whose way of writing a notice is, known by marks that its program leaves. Only a name for logs and scores: how a notice is read does
 * not depend on it, so that nothing is lost on the many that nobody listed.
 */
import type { InboundMail } from "../reading.ts";

type Family = {
  readonly format: string;
  /** Any of these that is given must be there. */
  readonly header?: readonly [name: string, value: RegExp];
  readonly text?: RegExp;
};

/** The first that fits; those that quote others come first. */
const FAMILIES: readonly Family[] = [
  { format: "google-groups", text: /groups\.google\.com\/support|\bGoogle Groups\b/ },
  { format: "google", header: ["from", /@(?:googlemail|google|gmail)\.com\b/i] },
  {
    format: "google",
    text: /Google tried to deliver your message|Technical details of (?:permanent|temporary) failure/,
  },
  { format: "amazon-ses", header: ["from", /@(?:[a-z0-9-]{1,20}\.)?amazonses\.com\b/i] },
  { format: "mail-ru", header: ["from", /@(?:[a-z-]{1,20}\.)?mail\.ru\b/i] },
  { format: "yandex", header: ["from", /@yandex\.[a-z]{2,3}\b/i] },
  { format: "yahoo", header: ["from", /@yahoo(?:-inc)?\.[a-z.]{2,6}\b/i] },
  { format: "aol", header: ["from", /@aol\.com\b/i] },
  { format: "zoho", header: ["from", /@(?:mail\.)?zoho(?:mail)?\.[a-z]{2,3}\b/i] },
  { format: "gmx", header: ["from", /@(?:[a-z0-9.-]{1,40}\.)?(?:gmx|web)\.(?:net|de|com|at|ch)\b/i] },
  { format: "ionos", header: ["from", /kundenserver|@(?:[a-z0-9.-]{1,40}\.)?(?:1and1|1und1|ionos|perfora)\./i] },
  { format: "qq", header: ["from", /@(?:[a-z0-9.-]{1,20}\.)?(?:qq|foxmail)\.com\b/i] },
  { format: "netease", header: ["from", /@(?:[a-z0-9.-]{1,20}\.)?(?:163|126|yeah|netease)\.(?:com|net)\b/i] },
  { format: "orange", header: ["from", /@(?:[a-z0-9.-]{1,40}\.)?(?:orange|wanadoo)\.fr\b/i] },
  { format: "laposte", header: ["from", /@(?:[a-z0-9.-]{1,40}\.)?laposte\.net\b/i] },
  { format: "free", header: ["from", /@(?:[a-z0-9.-]{1,40}\.)?(?:free|proxad)\.(?:fr|net)\b/i] },
  { format: "sfr", header: ["from", /@(?:[a-z0-9.-]{1,40}\.)?(?:sfr|neuf)\.(?:fr|net)\b/i] },
  { format: "docomo", header: ["from", /@(?:[a-z0-9.-]{1,40}\.)?docomo\.ne\.jp\b/i] },
  { format: "kddi", header: ["from", /@(?:[a-z0-9.-]{1,40}\.)?(?:ezweb|au|dion)\.(?:ne\.jp|com)\b/i] },
  { format: "softbank", header: ["from", /@(?:[a-z0-9.-]{1,40}\.)?(?:softbank|vodafone)\.(?:ne\.)?jp\b/i] },
  { format: "verizon", header: ["from", /@(?:[a-z0-9.-]{1,40}\.)?(?:vzwpix|vtext|verizon)\.(?:com|net)\b/i] },
  { format: "att", header: ["from", /@(?:[a-z0-9.-]{1,40}\.)?(?:att|txt\.att|mms\.att)\.net\b/i] },
  {
    format: "notes",
    text: /Lotus (?:Notes|Domino)|\bDomino\b|Router: |------- Failure Reasons|Name (?:&|and) Address Book/,
  },
  { format: "groupwise", text: /GroupWise|The message that you sent was undeliverable to the following:/i },
  {
    format: "exchange",
    text: /MSEXCH|IMCEA|#\d\.\d\.\d{1,3} ?smtp;|\bRESOLVER\.|did not reach (?:the following recipient|some or all)|hat einige oder alle Empfänger nicht erreicht|STOREDRV|Diagnostic information for administrators|Generating server/i,
  },
  { format: "exchange", header: ["x-mailer", /Internet Mail Service|Microsoft Exchange/i] },
  { format: "mdaemon", header: ["x-mailer", /MDaemon/i] },
  { format: "mdaemon", text: /\bMDaemon\b/ },
  { format: "mailenable", text: /\bMailEnable\b/i },
  { format: "imail", header: ["x-mailer", /IMail|SMTP32/i] },
  { format: "imail", text: /\bIMail Server\b|undeliverable to [^\n]{1,200}\nOriginal message follows/i },
  { format: "communigate", text: /CommuniGate/i },
  { format: "surgemail", text: /SurgeMail|Your email bounced/i },
  { format: "kerio", text: /\bKerio\b/i },
  { format: "zimbra", text: /\bZimbra\b/i },
  { format: "barracuda", text: /\bBarracuda\b/i },
  { format: "messagelabs", text: /MessageLabs/i },
  { format: "mimecast", text: /\bMimecast\b/i },
  { format: "proofpoint", text: /\bProofpoint\b|\bpphosted\b/i },
  { format: "interscan", text: /InterScan|Trend ?Micro/i },
  { format: "mcafee", text: /McAfee|Secure Internet Gateway/i },
  { format: "symantec", text: /\bSymantec\b|Brightmail/i },
  { format: "mfilter", text: /m-FILTER/ },
  { format: "dragonfly", text: /DragonFly Mail Agent/ },
  { format: "smail", text: /Message log follows|Failed addresses follow/i },
  {
    format: "x400",
    text: /\bX\.?400\b|\bMTS-ID\b[^\n]{0,80}\/(?:ADMD|C)=|non-delivery (?:report|notification)[^\n]{0,80}RFC-?822 gateway|\/ADMD=/i,
  },
  {
    format: "qmail",
    text: /\bqmail-send program\b|\bqmail\b[^\n]{0,60}\bprogram\b|Sorry, no mailbox here by that name|vdelivermail:|--- (?:Below this line|Enclosed) is a copy of the message/i,
  },
  {
    format: "exim",
    text: /created automatically by mail delivery software|message identifier is:|------ This is a copy of the message/i,
  },
  {
    format: "postfix",
    text: /This is the (?:Postfix program|mail system) at host|X-Postfix-|\(in reply to [A-Z ]{3,30}command\)/i,
  },
  {
    format: "sendmail",
    text: /The following addresses had (?:permanent|transient|delivery)|Transcript of session follows/i,
  },
  { format: "courier", text: /This is a delivery status notification from|UNDELIVERABLE MAIL[^\n]{0,80}\bcourier\b/i },
];

const LOOKED_AT = 6000;

export function formatOf(mail: InboundMail, text: string): string {
  const start = text.slice(0, LOOKED_AT);
  const family = FAMILIES.find(({ header, text: says }) => {
    const fits =
      header === undefined ||
      mail.headers.some(({ name, value }) => name === header[0] && header[1].test(value.slice(0, 300)));
    return fits && (says === undefined || says.test(start));
  });
  return family?.format ?? "generic";
}
