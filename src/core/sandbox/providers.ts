/**
 * The providers of the sandbox internet: domains, reply texts, limits and how often each fate occurs. Modelled on how large
 * providers answer (codes, bracket tokens, multi-line replies, language); the domains are reserved ones (RFC 2606), so that
 * nobody real can be meant. The last provider stands for every domain that no other one claims.
 */
import { at, mix, type Provider, say } from "./provider.ts";

const USUAL = { unknown: 150, full: 50, disabled: 20, spam: 15, drop: 5, bounce: 20, complaint: 6 };

export const PROVIDERS: readonly Provider[] = [
  {
    name: "gomail",
    domains: ["gomail.example", "googolmail.example"],
    mx: "mx.gomail.example",
    enhanced: true,
    perConnection: {
      messages: 500,
      reply: say(421, "4.7.0 Connection expired, try reconnecting. {id} - gsmtp"),
    },
    rate: {
      perSecond: 5_000,
      burst: 20_000,
      reply: say(
        421,
        "4.7.28 Gomail has detected an unusual rate of mail from your IP address.",
        "4.7.28 To protect our users, mail from it is rate limited for now. {id} - gsmtp",
      ),
    },
    refusedConnections: null,
    texts: {
      unknown: at(
        "rcpt",
        550,
        "5.1.1 The account that you tried to reach does not exist. Check the address",
        "5.1.1 for typos or blanks: https://help.gomail.example/?p=NoSuchUser {id} - gsmtp",
      ),
      full: at("rcpt", 452, "4.2.2 The recipient's inbox is out of storage space. ?p=OverQuotaTemp {id} - gsmtp"),
      disabled: at("rcpt", 550, "5.2.1 The account that you tried to reach is disabled. ?p=DisabledUser {id} - gsmtp"),
      spam: at(
        "dot",
        550,
        "5.7.1 This message is likely unsolicited mail. To protect our users",
        "5.7.1 it has been blocked. ?p=UnsolicitedMessageError {id} - gsmtp",
      ),
    },
    mix: mix(USUAL),
  },
  {
    name: "outmail",
    domains: ["outmail.example", "warmmail.example"],
    mx: "mx.outmail.example",
    enhanced: true,
    perConnection: null,
    rate: {
      perSecond: 300,
      burst: 1_000,
      reply: say(
        451,
        "4.7.650 The mail server has been temporarily rate limited due to IP reputation. (S775) [{id}.prod.outmail.example]",
      ),
    },
    refusedConnections: {
      share: 50,
      reply: say(421, "RP-003 {mx} too many connections from your server, try again later"),
    },
    texts: {
      unknown: at(
        "rcpt",
        550,
        "5.5.0 Requested action not taken: mailbox unavailable (S2017062302). [{id}.prod.outmail.example]",
      ),
      full: at(
        "rcpt",
        452,
        "4.2.2 Mailbox full: the recipient's storage quota is exceeded [{id}.prod.outmail.example]",
      ),
      disabled: at(
        "rcpt",
        550,
        "5.2.1 Mailbox cannot be accessed, the account is disabled [{id}.prod.outmail.example]",
      ),
      spam: at(
        "mail",
        550,
        "5.7.1 Messages from your server weren't sent: part of their network is on our block list (S3140). [{id}.prod.outmail.example]",
      ),
    },
    mix: mix({ ...USUAL, spam: 25, slow: 20 }),
  },
  {
    name: "yoomail",
    domains: ["yoomail.example"],
    mx: "mx.yoomail.example",
    enhanced: true,
    perConnection: {
      messages: 20,
      reply: say(421, "4.7.0 {mx} max message per connection reached, please reconnect"),
    },
    rate: {
      perSecond: 200,
      burst: 600,
      reply: say(
        421,
        "4.7.0 [TSS04] Messages temporarily deferred due to unexpected volume or user complaints - 4.16.55.1",
      ),
    },
    refusedConnections: null,
    texts: {
      unknown: at(
        "dot",
        554,
        "delivery error: dd This user doesn't have a yoomail.example account ({address}) [0] - {mx}",
      ),
      full: at("dot", 552, "5.2.2 Requested mail action aborted, mailbox over quota [0]"),
      disabled: at(
        "dot",
        554,
        "delivery error: dd Sorry, your message to {address} cannot be delivered. This mailbox is disabled (554.30).",
      ),
      spam: at("dot", 554, "5.7.9 [PH01] Message not accepted for policy reasons - {mx}"),
    },
    mix: mix(USUAL),
  },
  {
    name: "gmq",
    domains: ["gmq.example", "netz.example"],
    mx: "mx.gmq.example",
    enhanced: false,
    perConnection: {
      messages: 100,
      reply: say(
        421,
        "{mx} Nemesis ESMTP Service not available",
        "Too many messages in this connection",
        "For explanation visit https://postmaster.gmq.example/case?c=r0302&i=ip&v={id}",
      ),
    },
    rate: {
      perSecond: 200,
      burst: 600,
      reply: say(
        450,
        "Requested mail action not taken: mailbox unavailable",
        "Mail send limit exceeded",
        "For explanation visit https://postmaster.gmq.example/case?c=r0301&i=ip&v={id}",
      ),
    },
    refusedConnections: {
      share: 100,
      reply: say(
        421,
        "gmq.example (mxgmq{id}) Nemesis ESMTP Service not available",
        "No SMTP service",
        "Too many connections",
        "For explanation visit https://postmaster.gmq.example/case?c=r0304&i=ip&v={id}",
      ),
    },
    texts: {
      unknown: at(
        "rcpt",
        550,
        "Requested action not taken: mailbox unavailable",
        "For explanation visit https://postmaster.gmq.example/case?c=r0201&i=rcpt&v={id}",
      ),
      full: at(
        "rcpt",
        452,
        "Requested mail action aborted",
        "Mailbox full",
        "For explanation visit https://postmaster.gmq.example/case?c=r0402&i=rcpt&v={id}",
      ),
      disabled: at(
        "rcpt",
        550,
        "Requested action not taken: mailbox unavailable",
        "The account is locked",
        "For explanation visit https://postmaster.gmq.example/case?c=r0403&i=rcpt&v={id}",
      ),
      spam: at(
        "dot",
        554,
        "Transaction failed",
        "Reject due to policy restrictions.",
        "For explanation visit https://postmaster.gmq.example/case?c=hi&i=ip&v={id}",
      ),
    },
    mix: mix({ ...USUAL, greylist: 30 }),
  },
  {
    name: "mandarine",
    domains: ["mandarine.example", "dorado.example"],
    mx: "mx.mandarine.example",
    enhanced: true,
    perConnection: {
      messages: 100,
      reply: say(421, "4.7.0 Trop de messages sur cette connexion, veuillez vous reconnecter. OFR_108 [108]"),
    },
    rate: {
      perSecond: 200,
      burst: 600,
      reply: say(421, "4.7.0 Service refuse. Veuillez essayer plus tard. OFR_999 [999]"),
    },
    refusedConnections: {
      share: 150,
      reply: say(421, "{mx} Trop de connexions, veuillez verifier votre configuration. OFR_104 [104]"),
    },
    texts: {
      unknown: at("rcpt", 550, "5.1.1 Adresse d au moins un destinataire invalide. Invalid recipient. OFR_416 [416]"),
      full: at("rcpt", 552, "5.2.2 Boite du destinataire pleine. Recipient overquota. OFR_417 [417]"),
      disabled: at("rcpt", 550, "5.2.1 Boite du destinataire archivee. Archived recipient. OFR_420 [420]"),
      spam: at("dot", 550, "5.7.1 Mail rejete. Mail rejected. OFR_506 [506]"),
    },
    mix: mix({ ...USUAL, slow: 60 }),
  },
  {
    name: "poire",
    domains: ["poire.example"],
    mx: "mx.poire.example",
    enhanced: true,
    perConnection: null,
    rate: null,
    refusedConnections: null,
    texts: {
      unknown: at("rcpt", 550, "5.1.1 <{address}>: inactive email address or unknown alias"),
      full: at("rcpt", 552, "5.2.2 <{address}>: user is over quota"),
      disabled: at("rcpt", 550, "5.1.6 <{address}>: recipient no longer on server"),
      spam: at("dot", 550, "5.7.1 [CS01] Message rejected due to local policy. ({id})"),
    },
    mix: mix(USUAL),
  },
  {
    name: "shield",
    domains: [
      "acme.example",
      "globex.example",
      "initech.example",
      "umbra.example",
      "hooli.example",
      "vandelay.example",
    ],
    mx: "mx.shield.example",
    enhanced: false,
    perConnection: null,
    rate: {
      perSecond: 200,
      burst: 600,
      reply: say(451, "Account service is temporarily unavailable. Please try again later. [{id}]"),
    },
    refusedConnections: null,
    texts: {
      unknown: at("rcpt", 550, "5.4.1 Recipient address rejected: Access denied. [{id}]"),
      full: at("rcpt", 452, "4.2.2 Mailbox full [{id}]"),
      disabled: at("rcpt", 550, "Recipient account is disabled [{id}]"),
      spam: at("dot", 554, "Email rejected due to security policies - [{id}]"),
    },
    mix: mix({ ...USUAL, unknown: 250, greylist: 600, slow: 60 }),
  },
];

/** Every other domain: a small host with a common free MTA. */
export const OTHERS: Provider = {
  name: "others",
  domains: [],
  mx: "mx.sandbox.test",
  enhanced: true,
  perConnection: null,
  rate: null,
  refusedConnections: null,
  texts: {
    unknown: at("rcpt", 550, "5.1.1 <{address}>: Recipient address rejected: User unknown in virtual mailbox table"),
    full: at("rcpt", 452, "4.2.2 <{address}>: Mailbox full, quota exceeded"),
    disabled: at("rcpt", 550, "5.2.1 <{address}>: Recipient address rejected: account disabled"),
    spam: at("dot", 550, "5.7.1 Message rejected: classified as spam ({id})"),
  },
  mix: mix({ ...USUAL, greylist: 200, slow: 20 }),
};

const BY_DOMAIN = new Map(PROVIDERS.flatMap((p) => p.domains.map((domain) => [domain, p] as const)));

/** `sandbox.test` and below accept what no form refuses, so that hand-made tests meet no surprises. */
const PLAIN: Provider = { ...OTHERS, name: "sandbox", mix: () => null };

/** The provider of a domain in lower case; there is one for every domain. */
export function providerOf(domain: string): Provider {
  if (domain === "sandbox.test" || domain.endsWith(".sandbox.test")) return PLAIN;
  return BY_DOMAIN.get(domain) ?? OTHERS;
}
