/**
 * Hands the campaign to an SMTP relay: each message made before the clock starts, then sent over some connections with
 * PIPELINING, one message per connection on its way at a time. Started by `fork`: takes its order, answers "ready", sends at
 * the next message, answers "done".
 */
import { connect } from "node:net";
import { createInterface } from "node:readline";

import { compileContent } from "../src/core/message/compile-content.ts";
import { composeMessage } from "../src/core/message/compose-message.ts";
import { messageUrls } from "../src/core/tracking/message-urls.ts";
import type { TokenKey } from "../src/core/tracking/token.ts";
import { HEADERS, htmlOf, person, SENDER, type Size, SUBJECT, TEXT } from "./campaign.ts";

export type InjectorOrder = {
  readonly port: number;
  readonly messages: number;
  readonly connections: number;
  readonly domains: number;
  readonly size: Size;
};

const KEY: TokenKey = { id: 1, words: [1, 2, 3, 4] };

type Ready = { readonly commands: string; readonly data: Buffer };

function compose({ messages, domains, size }: InjectorOrder): Ready[] {
  const compiled = compileContent({
    subject: SUBJECT,
    html: htmlOf(size),
    text: TEXT,
    fromName: SENDER.name,
    fromAddress: SENDER.address,
    headers: HEADERS,
  });
  if (compiled.kind === "errors") throw new Error("the content has errors");
  const at = Date.now();
  return Array.from({ length: messages }, (_, n) => {
    const recipient = person(n, domains);
    const urls = messageUrls({
      base: "https://t.shop.example",
      key: KEY,
      deliveryId: 1,
      partId: 1,
      seq: n,
      mark: "preview",
    });
    const facts = { key: `1-${n}`, deliveryId: "1", deliveryLabel: "bench", at, recipient: recipient.email, urls };
    const composed = composeMessage(compiled.content, recipient, facts);
    if (composed.kind === "error") throw new Error(composed.message);
    const head = composed.headers.map(({ text }) => text).join("");
    return {
      commands: `MAIL FROM:<${SENDER.address}> BODY=7BIT\r\nRCPT TO:<${recipient.email}>\r\nDATA\r\n`,
      data: Buffer.from(`${head}\r\n${composed.body}.\r\n`, "latin1"),
    };
  });
}

async function inject(port: number, queue: Ready[]): Promise<void> {
  const socket = connect({ host: "127.0.0.1", port, noDelay: true });
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  const expect = async (code: string) => {
    for (;;) {
      const { value: line, done } = await lines.next();
      if (done || !line.startsWith(code)) throw new Error(`the relay answers ${done ? "nothing" : line}`);
      if (line[3] !== "-") return;
    }
  };
  await expect("220");
  socket.write("EHLO injector.shop.example\r\n");
  await expect("250");
  for (let next = queue.pop(); next; next = queue.pop()) {
    socket.write(next.commands);
    await expect("250");
    await expect("250");
    await expect("354");
    socket.write(next.data);
    await expect("250");
  }
  socket.end("QUIT\r\n");
}

process.once("message", (order: InjectorOrder) => {
  const queue = compose(order);
  const { port, connections } = order;
  process.send?.("ready");
  process.once("message", () => {
    const all = Array.from({ length: connections }, () => inject(port, queue));
    void Promise.all(all).then(() => process.send?.("done"));
  });
});
process.on("disconnect", () => process.exit(0));
