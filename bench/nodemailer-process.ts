/**
 * Peer: the same campaign as a program on nodemailer would send it, from one process with a connection pool. It renders
 * each message as it sends it. Started by `fork`: takes its order, answers "ready", sends at the next message, answers "done".
 */
import { createTransport } from "nodemailer";

import { HEADERS, htmlOf, person, SENDER, type Signing, type Size, SUBJECT, substitute, TEXT } from "./campaign.ts";

export type NodemailerOrder = {
  readonly port: number;
  readonly from: number;
  readonly to: number;
  readonly connections: number;
  readonly signing: Signing | null;
  readonly domains: number;
  readonly size: Size;
  /** Uses STARTTLS, whatever the certificate. */
  readonly tls: boolean;
};

/** Messages handed to nodemailer per connection before one of them is through: enough for the pool never to wait. */
const AHEAD = 4;

async function send({ port, from, to, connections, signing, domains, size, tls }: NodemailerOrder): Promise<void> {
  const transport = createTransport({
    pool: true,
    host: "127.0.0.1",
    port,
    ignoreTLS: !tls,
    tls: { rejectUnauthorized: false },
    maxConnections: connections,
    maxMessages: Number.POSITIVE_INFINITY,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(signing && {
      dkim: { domainName: signing.domain, keySelector: signing.selector, privateKey: signing.privateKey },
    }),
  });
  const subject = substitute(SUBJECT);
  const text = substitute(TEXT);
  const html = substitute(htmlOf(size), true);
  const headers = HEADERS.map(({ name, value }) => ({ key: name, render: substitute(value) }));
  let next = from;
  const worker = async () => {
    while (next < to) {
      const recipient = person(next++, domains);
      await transport.sendMail({
        from: SENDER,
        to: recipient.email,
        subject: subject(recipient),
        text: text(recipient),
        html: html(recipient),
        textEncoding: "quoted-printable",
        headers: headers.map(({ key, render }) => ({ key, value: render(recipient) })),
      });
    }
  };
  await Promise.all(Array.from({ length: connections * AHEAD }, worker));
  transport.close();
}

process.once("message", (order: NodemailerOrder) => {
  process.send?.("ready");
  process.once("message", () => void send(order).then(() => process.send?.("done")));
});
process.on("disconnect", () => process.exit(0));
