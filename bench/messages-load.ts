/**
 * The programs of `bench messages` that send single messages, in a process of their own: each request over a connection that stays open,
 * one at a time on each, as fast as answers come or so many a second. Started by `fork`: takes its order, answers "ready", sends at the
 * next message, writes its figures, answers "done".
 */
import { writeFileSync } from "node:fs";
import { Agent, request } from "node:http";

export type MessagesLoadOrder = {
  readonly url: string;
  readonly token: string;
  readonly connections: number;
  readonly seconds: number;
  /** Requests a second; null: as many as are answered. */
  readonly rate: number | null;
  /** Of a published template; null: each message brings content that no other has. */
  readonly template: string | null;
  /** Messages in a request; 1: each has its own. */
  readonly batch: number;
  /** By recipient domain: where its messages go. */
  readonly routes: Readonly<Record<string, string>>;
  /** Local parts begin with it. */
  readonly name: string;
  readonly resultPath: string;
};

export type MessagesLoadResult = {
  readonly accepted: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
};

const PARAGRAPH = "<p>Thank you for your order. You can change it until tonight in your account.</p>\n";

function bodyOf(order: MessagesLoadOrder, n: number): string {
  if (order.batch === 1) return JSON.stringify(messageOf(order, n));
  return JSON.stringify({
    messages: Array.from({ length: order.batch }, (_, index) => messageOf(order, n * order.batch + index)),
  });
}

function messageOf({ template, routes, name }: MessagesLoadOrder, n: number): object {
  const domains = Object.keys(routes);
  const shared = {
    to: `${name}${n}@${domains[n % domains.length]}`,
    externalId: `${name}${n}`,
    data: { first_name: "Ada", number: String(n) },
  };
  if (template !== null) return { ...shared, template };
  const html = `<html><body><h1>Order ${n}</h1>${PARAGRAPH.repeat(60)}<a href="https://shop.example/orders/${n}">Order</a></body></html>`;
  const content = { subject: `Order ${n}`, html };
  return { ...shared, content, sender: { name: "Shop", address: "shop@shop.example" }, settings: { routes } };
}

async function run(order: MessagesLoadOrder): Promise<MessagesLoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: order.connections });
  const times: number[] = [];
  const start = performance.now();
  const end = start + order.seconds * 1000;
  let next = 0;
  const one = async () => {
    while (performance.now() < end) {
      const n = next++;
      const due = order.rate === null ? performance.now() : start + (n * 1000) / order.rate;
      const ahead = due - performance.now();
      if (ahead > 0) await new Promise((resolve) => setTimeout(resolve, ahead));
      await post(agent, order, bodyOf(order, n));
      times.push(performance.now() - due);
    }
  };
  await Promise.all(Array.from({ length: order.connections }, one));
  const seconds = (performance.now() - start) / 1000;
  agent.destroy();
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.ceil(times.length * share) - 1)] ?? Number.NaN;
  return { accepted: times.length * order.batch, seconds, p50Ms: at(0.5), p99Ms: at(0.99) };
}

function post(agent: Agent, { url, token, batch }: MessagesLoadOrder, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
    };
    const asked = request(
      `${url}/api/v1/messages${batch > 1 ? "/batch" : ""}`,
      { method: "POST", agent, headers },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (data: string) => (text += data));
        response.on("end", () =>
          response.statusCode === 202 && !text.includes('"accepted":false')
            ? resolve()
            : reject(new Error(`the API answers ${response.statusCode}: ${text}`)),
        );
      },
    );
    asked.on("error", reject);
    asked.end(body);
  });
}

process.once("message", (order: MessagesLoadOrder) => {
  process.send?.("ready");
  process.once("message", () => {
    void run(order).then((result) => {
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
