/**
 * The visitors of `bench clicks`, in a process of its own: clicks over connections that stay open, one at a time on each. As
 * fast as answers come (`rate` null), or so many a second whether answers come or not; then a click's time counts from when
 * it was due. Started by `fork`: takes its order, answers "ready", clicks at the next message, writes its figures, answers "done".
 */
import { writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";

import { messageUrls } from "../src/core/tracking/message-urls.ts";
import { BROWSER, KEY } from "../test/tracking-rig.ts";

export type ClicksLoadOrder = {
  readonly port: number;
  readonly connections: number;
  readonly rate: number | null;
  readonly seconds: number;
  readonly deliveryId: number;
  readonly partId: number;
  readonly messages: number;
  readonly links: number;
  readonly target: string;
  readonly resultPath: string;
};

export type ClicksLoadResult = {
  readonly answered: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
};

type Visitor = { readonly socket: Socket; dueAt: number; busy: boolean };

function prepareRequests({ deliveryId, partId, messages, links, port }: ClicksLoadOrder): string[] {
  const paths = Array.from({ length: messages }, (_, i) => {
    const urls = messageUrls({ base: "", key: KEY, deliveryId, partId, seq: i + 1, mark: "live" });
    return urls.click((i % links) + 1, null);
  });
  return paths.map(
    (path) => `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUser-Agent: ${BROWSER}\r\nAccept: text/html\r\n\r\n`,
  );
}

async function run(order: ClicksLoadOrder, requests: readonly string[]): Promise<ClicksLoadResult> {
  const times: number[] = [];
  const start = performance.now();
  const end = start + order.seconds * 1000;
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  let sent = 0;
  const overdue: number[] = [];
  const ask = (visitor: Visitor, dueAt: number) => {
    visitor.busy = true;
    visitor.dueAt = dueAt;
    visitor.socket.write(requests[sent++ % requests.length] ?? "", "latin1");
  };
  const answered = (visitor: Visitor) => {
    const now = performance.now();
    times.push(now - visitor.dueAt);
    visitor.busy = false;
    if (order.rate === null) {
      if (now < end) ask(visitor, now);
    } else {
      const dueAt = overdue.shift();
      if (dueAt !== undefined) ask(visitor, dueAt);
    }
    if (now >= end && overdue.length === 0 && !visitors.some(({ busy }) => busy)) resolve();
  };
  const visitors = await Promise.all(
    Array.from({ length: order.connections }, () => openVisitor(order, answered, reject)),
  );
  if (order.rate === null) for (const visitor of visitors) ask(visitor, performance.now());
  else {
    const interval = 1000 / order.rate;
    let due = performance.now();
    const timer = setInterval(() => {
      const now = Math.min(performance.now(), end);
      for (; due <= now; due += interval) {
        const free = visitors.find(({ busy }) => !busy);
        if (free) ask(free, due);
        else overdue.push(due);
      }
      if (now >= end) clearInterval(timer);
    }, 1);
  }
  await ended;
  for (const { socket } of visitors) socket.destroy();
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.ceil(times.length * share) - 1)] ?? Number.NaN;
  return { answered: times.length, seconds: (performance.now() - start) / 1000, p50Ms: at(0.5), p99Ms: at(0.99) };
}

async function openVisitor(
  { port, target }: ClicksLoadOrder,
  answered: (visitor: Visitor) => void,
  fail: (error: Error) => void,
): Promise<Visitor> {
  const socket = connect({ host: "127.0.0.1", port, noDelay: true });
  const visitor: Visitor = { socket, dueAt: 0, busy: false };
  let text = "";
  socket.setEncoding("latin1");
  socket.on("error", fail);
  socket.on("data", (data: string) => {
    text += data;
    if (!text.endsWith("\r\n\r\n")) return;
    // A redirect has no body.
    if (!text.startsWith("HTTP/1.1 302 ") || !text.includes(`\r\nlocation: ${target}\r\n`))
      fail(new Error(`no redirect: ${text}`));
    text = "";
    answered(visitor);
  });
  await new Promise<void>((resolve) => socket.once("connect", () => resolve()));
  return visitor;
}

process.once("message", (order: ClicksLoadOrder) => {
  const requests = prepareRequests(order);
  process.send?.("ready");
  process.once("message", () => {
    void run(order, requests).then((result) => {
      writeFileSync(order.resultPath, JSON.stringify(result));
      process.send?.("done");
    });
  });
});
process.on("disconnect", () => process.exit(0));
process.on("unhandledRejection", (error) => {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
});
