/**
 * The shipped rules against replies as servers of many makes and languages give them, and against the principles: who is
 * meant depends on the stage, and nothing about us ever condemns an address.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { type CompiledRules, qualify } from "../../core/bounce/qualify.ts";
import { readReply } from "../../core/bounce/read-reply.ts";
import { ANSWER_STAGES, type AnswerStage } from "../../core/bounce/rule.ts";
import type { Verdict } from "../../core/bounce/verdict.ts";
import { loadRules } from "./index.ts";

let rules: CompiledRules;
beforeAll(async () => {
  rules = await loadRules(new URL("../../../rules/bounces", import.meta.url).pathname);
});

function judge(stage: AnswerStage, text: string, mx: string | null = null): Verdict {
  const { code, enhanced } = readReply(text);
  return qualify(rules, { stage, code, enhanced, text, mx });
}

/** Stage, reply, `type reason action`. */
const TABLE: Readonly<Record<string, readonly (readonly [AnswerStage, string, string])[]>> = {
  "user unknown": [
    [
      "rcpt",
      "550 5.1.1 <a@example.com>: Recipient address rejected: User unknown in local recipient table",
      "hard user-unknown fail",
    ],
    ["rcpt", "550 5.1.1 User unknown", "hard user-unknown fail"],
    ["rcpt", "550 No such user here", "hard user-unknown fail"],
    ["rcpt", "550 <a@example.com> No such user here", "hard user-unknown fail"],
    ["rcpt", '550 No Such User Here"', "hard user-unknown fail"],
    ["rcpt", "550 Unknown address error", "hard user-unknown fail"],
    ["rcpt", "550 Invalid Recipient - https://community.mimecast.com/docs/DOC-1369#550", "hard user-unknown fail"],
    ["rcpt", "550 #5.1.0 Address rejected. a@example.com is not a valid recipient", "hard user-unknown fail"],
    ["rcpt", "511 sorry, no mailbox here by that name (#5.1.1 - chkuser)", "hard user-unknown fail"],
    ["rcpt", "550 sorry, no mailbox here by that name. (#5.7.17)", "hard user-unknown fail"],
    ["rcpt", "550 5.1.1 unknown user", "hard user-unknown fail"],
    ["rcpt", "554 Invalid mailbox", "hard user-unknown fail"],
    ["rcpt", "550 5.7.1 No such recipient", "hard user-unknown fail"],
    ["rcpt", "550 User not found: a@example.com", "hard user-unknown fail"],
    [
      "rcpt",
      "550 Mailbox not found. http://service.mail.qq.com/cgi-bin/help?subtype=1&&id=20022&&no=1000728",
      "hard user-unknown fail",
    ],
    [
      "rcpt",
      "550-5.1.1 The email account that you tried to reach does not exist. Please try 550 5.1.1 double-checking the recipient's email address for typos",
      "hard user-unknown fail",
    ],
    ["rcpt", "550 5.1.1 <a@example.com> user does not exist", "hard user-unknown fail"],
    ["rcpt", "550 a@example.com does not exist", "hard user-unknown fail"],
    ["rcpt", "550 Account not available or does not exist", "hard user-unknown fail"],
    ["rcpt", '550 unknown local-part "a" in domain "example.com"', "hard user-unknown fail"],
    ["rcpt", "550 5.5.0 Requested action not taken: mailbox unavailable", "hard user-unknown fail"],
    [
      "rcpt",
      "550 permanent failure for one or more recipients (a@example.com:user not found)",
      "hard user-unknown fail",
    ],
    ["rcpt", "550 This address no longer accepts mail.", "hard account-disabled fail"],
    ["rcpt", "550 L'utilisateur est inconnu", "hard user-unknown fail"],
    ["rcpt", "550 5.1.1 Adresse inconnue", "hard user-unknown fail"],
    ["rcpt", "550 Cette adresse n'existe pas", "hard user-unknown fail"],
    ["rcpt", "550 Unbekannter Empfänger", "hard user-unknown fail"],
    ["rcpt", "550 Postfach existiert nicht", "hard user-unknown fail"],
    ["rcpt", "550 El usuario no existe", "hard user-unknown fail"],
    ["rcpt", "550 Usuario desconocido", "hard user-unknown fail"],
    ["rcpt", "550 utente inesistente", "hard user-unknown fail"],
    ["rcpt", "550 Destinatário inexistente", "hard user-unknown fail"],
    ["rcpt", "550 Onbekende gebruiker", "hard user-unknown fail"],
    ["rcpt", "550 Пользователь не найден", "hard user-unknown fail"],
    ["rcpt", "550 5.1.1 宛先不明です", "hard user-unknown fail"],
    [
      "dot",
      "554 delivery error: dd This user doesn't have a yahoo.com account (a@yahoo.com) [0]",
      "hard user-unknown fail",
    ],
    [
      "rcpt",
      "450 4.1.1 <a@example.com>: Recipient address rejected: User unknown in virtual mailbox table",
      "hard user-unknown retry",
    ],
    ["rcpt", "551 5.1.6 The recipient has moved to a@example.net", "hard user-unknown fail"],
    ["rcpt", "501 5.1.3 Bad recipient address syntax", "hard user-unknown fail"],
    [
      "async",
      "The recipient's e-mail address was not found in the recipient's e-mail system.",
      "hard user-unknown retry",
    ],
    [
      "async",
      "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
      "hard user-unknown fail",
    ],
  ],
  domain: [
    ["rcpt", "550 5.1.2 Host unknown", "soft invalid-domain fail"],
    [
      "async",
      "Host or domain name not found. Name service error for name=example.invalid type=A: Host not found",
      "soft invalid-domain retry",
    ],
    ["rcpt", "556 5.1.10 Recipient address has null MX", "soft invalid-domain fail"],
    ["async", "Sorry, I couldn't find any host named example.invalid. (#5.1.2)", "soft invalid-domain fail"],
    ["async", "550 example.com does not exist", "soft invalid-domain fail"],
  ],
  disabled: [
    ["rcpt", "550 5.2.1 The email account that you tried to reach is disabled. gsmtp", "hard account-disabled fail"],
    ["rcpt", "550 5.2.1 The email account that you tried to reach is inactive. gsmtp", "soft account-disabled fail"],
    ["rcpt", "550 account is locked", "soft account-disabled fail"],
    ["rcpt", "554 Mailbox disabled, not accepting messages", "hard account-disabled fail"],
    ["rcpt", "550 The account has been suspended", "soft account-disabled fail"],
    ["rcpt", "550 Konto deaktiviert", "hard account-disabled fail"],
    ["rcpt", "550 Cuenta cancelada", "hard account-disabled fail"],
  ],
  full: [
    ["rcpt", "552 5.2.2 Over quota", "soft mailbox-full fail"],
    ["rcpt", "452 4.2.2 The email account that you tried to reach is over quota. gsmtp", "soft mailbox-full retry"],
    ["dot", "552 Mailbox quota exceeded / Mailbox voll", "soft mailbox-full fail"],
    ["rcpt", "550 mailbox has exceeded the limit", "soft mailbox-full fail"],
    ["rcpt", "422 user's mailbox is full", "soft mailbox-full retry"],
    [
      "rcpt",
      "550 5.2.2 STOREDRV.Deliver; mailbox full. The following information should help identify the cause",
      "soft mailbox-full fail",
    ],
    ["dot", "552 Requested mail action aborted: exceeded storage allocation", "soft mailbox-full fail"],
    ["rcpt", "552 La boîte aux lettres du destinataire est pleine", "soft mailbox-full fail"],
    ["rcpt", "552 buzón lleno", "soft mailbox-full fail"],
    ["rcpt", "552 casella piena", "soft mailbox-full fail"],
    ["rcpt", "552 5.2.2 Caixa postal cheia", "soft mailbox-full fail"],
    ["rcpt", "452 4.3.1 Insufficient system storage", "soft unreachable retry"],
  ],
  us: [
    [
      "connect",
      "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using bl.spamcop.net",
      "soft refused retry-elsewhere",
    ],
    [
      "rcpt",
      "550 5.7.1 Service unavailable, Client host [192.0.2.1] blocked using Spamhaus. AS(1450)",
      "soft refused retry-elsewhere",
    ],
    ["connect", "550 DY-001 (BAY004-MC1F52) Unfortunately, messages from 192.0.2.1 weren't sent.", "soft refused fail"],
    ["connect", "554 5.7.1 - Connection refused. IP name lookup failed for 192.0.2.1", "soft refused fail"],
    [
      "connect",
      "421 4.7.0 [192.0.2.1] Our system has detected an unusual rate of unsolicited mail",
      "soft refused slow",
    ],
    ["connect", "421 Too many concurrent SMTP connections; please try again later.", "soft unreachable slow"],
    ["connect", "421 4.4.5 Too many connections from your IP", "soft unreachable slow"],
    ["mail", "550 5.1.8 Access denied, bad outbound sender", "soft refused fail"],
    ["mail", "550 5.1.1 User unknown", "soft refused fail"],
    ["mail", "451 4.1.8 Domain of sender address a@example.org does not resolve", "soft refused retry"],
    ["rcpt", "550 Verification failed for <a@example.org> Sender verify failed: No such user", "soft refused fail"],
    ["rcpt", "553 5.1.8 <a@example.org>... Domain of sender address a@example.org does not exist", "soft refused fail"],
    ["rcpt", "550 5.7.1 Mail from 192.0.2.1 refused by blackhole site bl.example.net", "soft refused retry-elsewhere"],
    [
      "dot",
      "550 5.7.26 Unauthenticated email from example.org is not accepted due to domain's DMARC policy. gsmtp",
      "soft refused fail",
    ],
    [
      "dot",
      "550 5.7.515 Access denied, sending domain EXAMPLE.ORG doesn't meet the required authentication level.",
      "soft refused fail",
    ],
    [
      "dot",
      "421 5.7.32 blocked: From header is not aligned with the authenticated SPF organizational domain",
      "soft refused retry",
    ],
    ["rcpt", "550 5.7.25 The IP address sending this message does not have a PTR record setup", "soft refused fail"],
    ["rcpt", "554 5.7.1 <a@example.com>: Relay access denied", "soft refused fail"],
    ["rcpt", "550 relay not permitted", "soft refused fail"],
    ["rcpt", "454 4.7.1 <a@example.com>: Relay access denied", "soft refused retry"],
    ["mail", "530 5.7.0 Authentication required", "soft refused pause"],
    ["ehlo", "535 5.7.8 Error: authentication failed: bad protocol / cancel", "soft refused pause"],
    ["mail", "530 5.7.1 Client was not authenticated", "soft refused pause"],
    [
      "rcpt",
      "421 4.7.1 [TS03] All messages from 192.0.2.1 will be permanently deferred; Retrying will NOT succeed.",
      "soft refused fail",
    ],
    ["rcpt", "450 4.2.0 Recipient address rejected: Greylisted", "soft unreachable retry"],
    ["rcpt", "451 4.7.1 Greylisting in action, please come back later", "soft unreachable retry"],
    [
      "rcpt",
      "550 5.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages from being delivered.",
      "soft unreachable retry",
    ],
    ["rcpt", "452 4.5.3 Too many recipients", "soft unreachable retry"],
    ["rcpt", "552 5.5.3 Too many recipients", "soft unreachable retry"],
    [
      "connect",
      "554 gmx.net (mxgmx001) Nemesis ESMTP Service not available No SMTP service IP address is block listed. For explanation visit https://postmaster.gmx.net/en/error-messages?ip=192.0.2.1&c=bl",
      "soft refused retry-elsewhere",
    ],
    [
      "rcpt",
      "550 Connection frequency limited. http://service.mail.qq.com/cgi-bin/help?id=20022",
      "soft unreachable slow",
    ],
  ],
  content: [
    ["dot", "552 5.3.4 Message size exceeds maximum value", "soft refused fail"],
    ["dot", "554 5.7.1 Message identified as SPAM", "soft refused fail"],
    ["dot", "550 High probability of spam", "soft refused fail"],
    ["dot", "554 5.7.1 [P4] Message blocked due to spam content in the message.", "soft refused fail"],
    ["dot", "554 Message contains a virus (Eicar)", "soft refused fail"],
    [
      "dot",
      "550 5.7.1 [192.0.2.1 11] Messages missing a valid Message-ID header are not accepted. gsmtp",
      "soft refused fail",
    ],
    ["dot", "554 5.6.0 Corrupt message content", "soft refused fail"],
    ["dot", "554 Message rejected: content not accepted", "soft refused fail"],
    ["dot", "550 Nachricht wegen Spam abgelehnt", "soft refused fail"],
    ["dot", "554 5.7.1 Mensaje rechazado por política", "soft refused fail"],
    [
      "rcpt",
      "550 5.7.1 Recipient not authorized, your IP has been found on a block list",
      "soft refused retry-elsewhere",
    ],
    ["dot", "550 5.7.1 Mail content denied. http://service.mail.qq.com/cgi-bin/help?id=20022", "soft refused fail"],
  ],
  "way and system": [
    ["dot", "451 4.3.0 Error: queue file write error", "soft unreachable retry"],
    ["connect", "421 4.3.2 Service not available", "soft unreachable retry"],
    ["rcpt", "451 Temporary local problem - please try later", "soft unreachable retry"],
    ["dot", "554 5.4.6 Hop count exceeded - possible mail loop", "soft unreachable fail"],
    ["async", "connect to mx.example.com[192.0.2.1]:25: Connection timed out", "soft unreachable retry"],
    ["async", "retry timeout exceeded", "soft unreachable retry"],
    ["rcpt", "503 5.5.1 Error: need MAIL command", "soft unreachable fail"],
    ["rcpt", "450 wibble wobble", "soft unreachable retry"],
  ],
  "unknown words": [
    ["rcpt", "550 wibble wobble", "not-defined not-defined retry"],
    ["rcpt", "553 wibble wobble", "not-defined not-defined retry"],
    ["async", "wibble wobble", "not-defined not-defined retry"],
  ],
};

describe("replies of the wild", () => {
  for (const [group, rows] of Object.entries(TABLE)) {
    it.each(rows)(`${group}: %s %s`, (stage, text, expected) => {
      const { type, reason, action, rule } = judge(stage, text);
      expect(`${type} ${reason} ${action}`, rule).toBe(expected);
    });
  }
});

describe("principles", () => {
  const ABOUT_US = ANSWER_STAGES.filter((stage) => stage === "connect" || stage === "ehlo" || stage === "mail");
  const TEXTS = Object.values(TABLE).flatMap((rows) => rows.map(([, text]) => text));

  it("before RCPT no answer says anything about the address", () => {
    for (const stage of ABOUT_US) {
      for (const text of TEXTS) {
        const verdict = judge(stage, text);
        expect({ text, stage, hard: verdict.type === "hard", scope: verdict.scope }).not.toMatchObject({ hard: true });
        expect(verdict.scope, `${stage} ${text}`).not.toBe("address");
      }
    }
  });

  it("reputation, block lists, rate, authentication, relaying, content and size never count against an address", () => {
    const blameless = [...(TABLE["us"] ?? []), ...(TABLE["content"] ?? [])];
    for (const stage of ANSWER_STAGES) {
      for (const [, text] of blameless.filter(([own]) => own !== "mail")) {
        expect(judge(stage, text).type, `${stage} ${text}`).not.toBe("hard");
      }
    }
  });

  it("a 4xx is retried whatever it says, unless a rule calls it final", () => {
    const final = TEXTS.filter((text) => /^4/.test(text) && judge("rcpt", text).action === "fail");
    expect(final).toEqual([expect.stringContaining("permanently deferred")]);
  });

  it("the basic code wins over the class of the enhanced code", () => {
    expect(judge("dot", "421 5.7.32 From header not aligned").action).toBe("retry");
    expect(judge("rcpt", "550 4.2.2 mailbox full").action).toBe("fail");
  });

  it("the last line of a GMX answer decides", () => {
    const text =
      "550-Requested action not taken: mailbox unavailable 550 For explanation visit https://postmaster.gmx.net/en/case?";
    expect(judge("rcpt", `${text}c=r0201&i=ip&v=192.0.2.1`).type).toBe("hard");
    expect(judge("rcpt", `${text}c=r0601&i=ip&v=192.0.2.1`)).toMatchObject({ type: "soft", reason: "refused" });
  });

  it("words in a mail address decide nothing", () => {
    expect(judge("rcpt", "550 5.1.1 <no.spam@blacklist.example.com>: User unknown").reason).toBe("user-unknown");
    expect(judge("rcpt", "452 4.2.2 <user-unknown@example.com> mailbox full").reason).toBe("mailbox-full");
  });
});
