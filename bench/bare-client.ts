/**
 * What a Node program reaches here that sends messages of the same size to the same kind of sink and does nothing else: no database, no
 * journal, no message made. The most that a sender in one thread could be, and so a measure of the machine.
 * In a process of its own: `{ports, messages, bytes, connections}` as JSON is its argument, the rate its answer.
 */
import { fork } from "node:child_process";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";

type Order = {
  readonly ports: readonly number[];
  readonly messages: number;
  readonly bytes: number;
  readonly connections: number;
};

/** Messages a second. */
export function bareClientPerSecond(order: Order): Promise<number> {
  const child = fork(fileURLToPath(import.meta.url), [JSON.stringify(order)]);
  return new Promise((resolve, reject) => {
    child.once("message", (rate) => resolve(rate as number));
    child.once("exit", (code) => reject(new Error(`the bare client ended with ${code}`)));
  });
}

/** A connection asks `next` for the number of a message until there is none; the end of one goes out with the beginning of the other. */
function sendOver(port: number, body: string, next: () => number | null): Promise<void> {
  const envelope = (n: number) => `MAIL FROM:<bench@t.example>\r\nRCPT TO:<bare${n}@t.example>\r\nDATA\r\n`;
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    let current: number | null = null;
    let isGreeted = false;
    socket.setEncoding("latin1");
    socket.on("error", reject);
    socket.on("data", (text: string) => {
      if (!isGreeted) {
        isGreeted = true;
        current = next();
        socket.write(`EHLO t.example\r\n${current === null ? "QUIT\r\n" : envelope(current)}`);
        return;
      }
      if (!text.includes("354 ") || current === null) return;
      const head = `Message-ID: <bare-${current}@t.example>\r\n\r\n`;
      current = next();
      socket.write(`${head}${body}.\r\n${current === null ? "QUIT\r\n" : envelope(current)}`, "latin1");
    });
    socket.on("end", () => socket.end());
    socket.on("close", () => resolve());
  });
}

async function main({ ports, messages, bytes, connections }: Order): Promise<void> {
  const body = `${"x".repeat(76)}\r\n`.repeat(Math.ceil(bytes / 78));
  let sent = 0;
  const next = () => (sent < messages ? sent++ : null);
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: connections }, (_, n) => sendOver(ports[n % ports.length] ?? 0, body, next)),
  );
  process.send?.((messages / (performance.now() - startedAt)) * 1000);
  process.disconnect();
}

const [order] = process.argv.slice(2);
if (process.send && order !== undefined) await main(JSON.parse(order) as Order);
