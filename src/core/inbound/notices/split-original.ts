/**
 * Where the notice ends and the message that it quotes begins: at a line that says so, or where a header begins that only a mail
 * has. What follows is the header of the original up to its first blank line; its body says nothing about the delivery.
 */

export type SplitText = {
  readonly notice: readonly string[];
  readonly returned: string;
  /** What follows that header: the body of the original. */
  readonly body: readonly string[];
};

/** In a line of its own, with or without rules of `-`, `=`, `|`, `*`, `#` around it. Words are compared in lower case. */
const MARKERS: readonly RegExp[] = [
  /\b(?:copy of|text of|headers? (?:of|from)|start of|contents? of|beginning of|first \d{1,6} (?:bytes|lines|characters) of|body of) (?:the|your|this) (?:\w{1,12} ){0,2}(?:message|mail|e-?mail|header)/,
  /\b(?:original|returned|unsent|undelivered|undeliverable|failed|rejected|bounced|your|offending|message|mail) (?:e-?mail |mail |message |message's )?(?:message|mail|e-?mail|text|headers?|contents?|info|information)s?(?: (?:text|headers?|details|info|body))?(?: is| was| are)? ?(?:follow(?:s|ing)?|below|included|attached|enclosed)?\W*$/,
  /\b(?:message|mail|e-?mail) (?:text |headers? |body |contents? )?(?:follows?|begins?|is attached|below)\W*$/,
  /below this line is a copy/,
  /^\W*(?:original-?nachricht|ursprüngliche (?:nachricht|mail)|message (?:original|d'origine|initial)|mensaje original|messaggio originale|mensagem original|oorspronkelijk bericht|исходное (?:письмо|сообщение)|oryginalna wiadomość|původní zpráva)\W*$/,
  /^\W*(?:元のメ|オリジナルメ|原文|送信メール|返送メール|原始邮件|原始郵件|原邮件|原始信件|以下は元)/,
  /(?:ursprünglichen? nachricht|orginalnachricht|originalnachricht|message d'origine|mensaje original|messaggio originale|mensagem original|исходного (?:письма|сообщения)) ?(?:folg|suit|sigue|segue|ниже|:|-)/,
];

/** Only mail has these; `From`, `To`, `Subject` and `Date` stand in summaries of notices too. */
const SURE_FIELD =
  /^(?:received|return-path|mime-version|dkim-signature|x-received|delivered-to|arc-seal|domainkey-signature|content-transfer-encoding|list-unsubscribe|x-mailer|authentication-results|received-spf|envelope-to|x-originating-ip|feedback-id) ?:/i;
const ANY_FIELD = /^[A-Za-z][A-Za-z0-9-]{1,60} ?:/;
/** Fields of RFC 3464, which some notices print among their own words. */
const REPORT_FIELD =
  /^(?:reporting-mta|received-from-mta|arrival-date|final-recipient|original-recipient|action|status|remote-mta|diagnostic-code|last-attempt-date|x-postfix|original-envelope-id|will-retry-until)\b/i;

export function splitOriginal(lines: readonly string[]): SplitText {
  for (const [at, line] of lines.entries()) {
    if (at > 0 || !ANY_FIELD.test(line)) {
      if (isMarker(line) && followedByHeader(lines, at + 1)) {
        return splitAt(lines, at, at + 1);
      }
    }
    if (beginsHeader(lines, at)) return splitAt(lines, at, at);
  }
  return { notice: lines, returned: "", body: [] };
}

/** A gateway may pass on a notice as text: then that one is meant, and its body tells. */
export function isNoticeHeader(header: string): boolean {
  return (
    /^return-path: ?<>/im.test(header) ||
    /^from:[^\n]{0,200}\b(?:mailer-daemon|mail delivery (?:sub)?system)\b/im.test(header)
  );
}

function splitAt(lines: readonly string[], end: number, from: number): SplitText {
  const { header, next } = headerFrom(lines, from);
  return { notice: lines.slice(0, end), returned: header, body: lines.slice(next) };
}

/** Also without a header after it: rules around the words, or nothing more in the notice. */
function isMarker(line: string): boolean {
  const text = line.trim().toLowerCase();
  return text.length > 5 && text.length < 120 && !text.includes("@") && MARKERS.some((marker) => marker.test(text));
}

function followedByHeader(lines: readonly string[], from: number): boolean {
  const first = skipBlank(lines, from);
  const line = unquote(lines[first] ?? "");
  if (first >= lines.length || /^[\W_]*$/.test(line)) return ruled(lines[from - 1] ?? "");
  if (REPORT_FIELD.test(line)) return false;
  if (ANY_FIELD.test(line) || /^(?:>?From |\(|--\S)/.test(line)) return true;
  return ruled(lines[from - 1] ?? "");
}

/** `--- … ---`, `*** … ***`, `|--- … ---|`: such a line begins something new even if what comes is no header. */
function ruled(line: string): boolean {
  return /^\W{0,3}[-=_*#]{3,}/.test(line.trim()) || /[-=_*#]{4,}\W{0,2}$/.test(line.trim());
}

/** A field that only mail has, next to another field; folded lines between. */
function beginsHeader(lines: readonly string[], at: number): boolean {
  const line = unquote(lines[at] ?? "");
  if (!ANY_FIELD.test(line) || REPORT_FIELD.test(line)) return false;
  let sure = false;
  let fields = 0;
  for (const each of lines.slice(at, at + 40)) {
    const text = unquote(each);
    if (/^[ \t]+\S/.test(text)) continue;
    if (!ANY_FIELD.test(text) || REPORT_FIELD.test(text)) break;
    sure ||= SURE_FIELD.test(text);
    fields++;
    if (sure && fields >= 2) return true;
  }
  return false;
}

function headerFrom(lines: readonly string[], from: number): { header: string; next: number } {
  const header: string[] = [];
  let next = skipBlank(lines, from);
  for (; next < lines.length && header.length < 500; next++) {
    const text = unquote(lines[next] ?? "");
    if (text.trim() === "" && header.length > 0) break;
    if (text.trim() === "" || /^>?From \S/.test(text) || (header.length === 0 && !ANY_FIELD.test(text))) continue;
    header.push(text);
  }
  return { header: header.join("\n"), next };
}

function skipBlank(lines: readonly string[], from: number): number {
  let at = from;
  while (at < lines.length && (lines[at] ?? "").trim() === "") at++;
  return at;
}

/** Some indent or quote what they give back. */
function unquote(line: string): string {
  return line.replace(/^(?:> ?|\| ?){1,3}/, "");
}
