/** The mails of `bench inbound`: bounces as mail systems write them, in a fixed mixture, each for a message of its own. */
import { createConnection } from "node:net";

/** Of a hundred mails. */
const MIXTURE = { dsn: 60, exchange: 10, exim: 10, qmail: 10, delayed: 7, complaint: 3 } as const;
type Form = keyof typeof MIXTURE;

const REPLIES = [
  "550 5.1.1 User unknown",
  "552 5.2.2 Mailbox full, quota exceeded",
  "554 5.7.1 Message refused by content policy",
  "550 5.1.1 The email account that you tried to reach does not exist",
  "451 4.4.1 Connection timed out",
];

export type BenchMail = {
  readonly to: string;
  readonly raw: string;
  readonly form: Form;
};

/** Of which form the mail of this number is. */
export function formOf(number: number): Form {
  let left = (number * 37) % 100;
  for (const form of Object.keys(MIXTURE) as Form[]) {
    if (left < MIXTURE[form]) return form;
    left -= MIXTURE[form];
  }
  return "dsn";
}

/** `address`: of the recipient; `to`: with the signed tag of the message; `messageId`: its own, with another. */
export function makeMail(number: number, address: string, to: string, messageId: string): BenchMail {
  const form = formOf(number);
  const reply = (REPLIES[number % REPLIES.length] ?? "").replace(/$/, ` (id ${number.toString(36)})`);
  const returned = ["From: News <news@shop.example>", `To: ${address}`, `Message-ID: <${messageId}>`, "Subject: Hello"];
  const body = { number, address, reply, returned: returned.join("\r\n") };
  const raw =
    form === "complaint" ? complaint(body) : form === "exim" || form === "qmail" ? notice(form, body) : dsn(form, body);
  return { to, raw: `To: ${to}\r\n${raw}`, form };
}

type Body = { readonly number: number; readonly address: string; readonly reply: string; readonly returned: string };

const TEXT =
  "This is the mail system. I am sorry to have to inform you that your message could not be delivered.\r\n".repeat(8);

function dsn(form: Form, { number, address, reply, returned }: Body): string {
  const isDelayed = form === "delayed";
  const type = form === "exchange" ? "Undeliverable: Hello" : "Undelivered Mail Returned to Sender";
  return multipart(`MAILER-DAEMON@mx${number % 50}.example`, type, "delivery-status", [
    `Content-Type: text/plain; charset=utf-8\r\n\r\n${TEXT}\r\n<${address}>: ${isDelayed ? "452 4.2.2 Mailbox full" : reply}\r\n`,
    [
      "Content-Type: message/delivery-status",
      "",
      `Reporting-MTA: dns; mx${number % 50}.example`,
      "",
      `Final-Recipient: rfc822; ${address}`,
      `Action: ${isDelayed ? "delayed" : "failed"}`,
      `Status: ${isDelayed ? "4.2.2" : "5.0.0"}`,
      `Diagnostic-Code: smtp; ${isDelayed ? "452 4.2.2 Mailbox full" : reply}`,
      "",
    ].join("\r\n"),
    `Content-Type: message/rfc822\r\n\r\n${returned}\r\n\r\n${"A newsletter with news of the week. ".repeat(60)}\r\n`,
  ]);
}

function complaint({ number, returned }: Body): string {
  return multipart(`complaints@mx${number % 50}.example`, "complaint", "feedback-report", [
    "Content-Type: text/plain\r\n\r\nThis is an email abuse report.\r\n",
    "Content-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nUser-Agent: Provider/1.0\r\nVersion: 1\r\n",
    `Content-Type: message/rfc822\r\n\r\n${returned}\r\n\r\nA newsletter.\r\n`,
  ]);
}

function notice(form: "exim" | "qmail", { address, reply, returned }: Body): string {
  const text =
    form === "exim"
      ? `This message was created automatically by mail delivery software.\r\n\r\nA message that you sent could not be delivered to one or more of its\r\nrecipients. This is a permanent error. The following address(es) failed:\r\n\r\n  ${address}\r\n    SMTP error from remote mail server after RCPT TO:<${address}>:\r\n    host mx.example [192.0.2.7]: ${reply}\r\n\r\n------ This is a copy of the message, including all the headers. ------\r\n\r\n`
      : `Hi. This is the qmail-send program at mx.example.\r\nI'm afraid I wasn't able to deliver your message to the following addresses.\r\nThis is a permanent error; I've given up. Sorry it didn't work out.\r\n\r\n<${address}>:\r\n192.0.2.7 does not like recipient.\r\nRemote host said: ${reply}\r\nGiving up on 192.0.2.7.\r\n\r\n--- Below this line is a copy of the message.\r\n\r\n`;
  const subject = form === "exim" ? "Mail delivery failed: returning message to sender" : "failure notice";
  return `From: MAILER-DAEMON@mx.example\r\nSubject: ${subject}\r\n\r\n${text}${returned}\r\n\r\nA newsletter.\r\n`;
}

function multipart(from: string, subject: string, type: string, parts: readonly string[]): string {
  const head = `From: ${from}\r\nSubject: ${subject}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=${type}; boundary="=_b"\r\n`;
  return `${head}\r\n${parts.map((part) => `--=_b\r\n${part}`).join("\r\n")}\r\n--=_b--\r\n`;
}

/** Mails of one connection: servers that come from one address may bring 600 a minute. */
const OF_ONE_ADDRESS = 500;

/** Brings mails by SMTP, in so many connections at once, each from an address of its own on loopback; the commands of a mail together. */
export async function bringMails(port: number, mails: readonly BenchMail[], connections: number): Promise<void> {
  const loads: (readonly BenchMail[])[] = [];
  for (let i = 0; i < mails.length; i += OF_ONE_ADDRESS) loads.push(mails.slice(i, i + OF_ONE_ADDRESS));
  let next = 0;
  const work = async () => {
    for (let mine = next++; mine < loads.length; mine = next++) await bring(port, loads[mine] ?? [], mine);
  };
  await Promise.all(Array.from({ length: connections }, work));
}

/** Which networks of loopback were used: no address comes twice within a run of the benchmark. */
let network = 0;

function bring(port: number, mails: readonly BenchMail[], number: number): Promise<void> {
  if (number === 0) network++;
  const localAddress = `127.0.${network}.${(number % 250) + 1}`;
  const socket = createConnection({ host: "127.0.0.1", port, localAddress });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let sent = -1;
  let line = "";
  // After the greeting: EHLO; after its last line, and after each mail that was kept: the next mail; after 354: its text.
  const onReply = (code: number, isGreeted: boolean) => {
    if (!isGreeted) return void socket.write("EHLO load.example\r\n");
    const mail = mails[sent];
    if (code === 354 && mail) return void socket.write(`${mail.raw.replace(/^\./gm, "..")}.\r\n`);
    const following = mails[++sent];
    if (following === undefined) return void socket.end("QUIT\r\n", () => resolve());
    socket.write(`MAIL FROM:<>\r\nRCPT TO:<${following.to}>\r\nDATA\r\n`);
  };
  let replies = 0;
  let ignored = 0;
  socket.setEncoding("latin1");
  socket.on("data", (chunk: string) => {
    line += chunk;
    for (let end = line.indexOf("\n"); end >= 0; end = line.indexOf("\n")) {
      const reply = line.slice(0, end);
      line = line.slice(end + 1);
      if (reply[3] === "-") continue;
      const code = Number(reply.slice(0, 3));
      if (code >= 400) reject(new Error(`the server says ${reply}`));
      replies++;
      // Answers to MAIL and RCPT.
      if (ignored > 0 && code === 250) ignored--;
      else {
        onReply(code, replies > 1);
        if (code !== 354 && replies > 1) ignored = 2;
      }
    }
  });
  socket.on("error", reject);
  return promise;
}
