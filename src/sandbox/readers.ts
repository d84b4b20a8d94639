/**
 * The recipients of the sandbox internet at work: they fetch the open pixel, links, mirror page and one-click URL of what was
 * accepted. Only below the public URL, and only where that is on loopback. What would be too much is left unread: sending
 * comes first.
 */
import { Agent } from "node:http";
import PostalMime from "postal-mime";

import { findMailLinks, type MailLinks } from "../core/sandbox/mail-links.ts";
import { readingOf, type Step } from "../core/sandbox/reading.ts";
import type { Duration, Instant } from "../core/time.ts";
import { DueQueue } from "./due-queue.ts";
import { fetchQuietly } from "./fetch-quietly.ts";
import type { SandboxMessage } from "./server.ts";

const TICK: Duration = 100;
/** A hundred requests a second. */
const PER_TICK = 10;
const MAX_IN_FLIGHT = 16;
/** Steps: what is done in a minute. */
const MAX_WAITING = 6_000;
/** Of messages that wait for their first step. */
const MAX_HELD_BYTES = 64 * 1024 * 1024;
const HEAD = 16 * 1024;

export type Readers = {
  readonly add: (batch: readonly SandboxMessage[]) => void;
  /** Messages that somebody would have read, had there not been too many. */
  readonly skipped: () => number;
  /** Forgets what is not done yet; resolves when nothing is under way any more. */
  readonly close: () => Promise<void>;
};

/** A message in the hands of somebody; its bytes go when its links are known. */
type Letter = {
  raw: Uint8Array | null;
  links: Promise<Links | null> | null;
  /** By user agent. */
  readonly cookies: Map<string, string>;
};
type Links = MailLinks & { readonly oneClick: string | null };
type Act = Step["act"] | { readonly kind: "get"; readonly url: string };
type Task = { readonly letter: Letter; readonly userAgent: string; readonly act: Act };

/** With a public URL that is not of this machine the readers never do anything. */
export function createReaders(publicUrl: string, now: () => Instant = Date.now): Readers {
  const base = loopbackBase(publicUrl);
  if (base === null) return { add: () => {}, skipped: () => 0, close: async () => {} };
  const readers = new LocalReaders(base, now);
  return {
    add: (batch) => readers.add(batch),
    skipped: () => readers.skipped,
    close: () => readers.close(),
  };
}

class LocalReaders {
  skipped = 0;
  readonly #base: string;
  readonly #now: () => Instant;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #queue = new DueQueue<Task>();
  readonly #inFlight = new Set<Promise<void>>();
  #heldBytes = 0;
  #closed = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(base: string, now: () => Instant) {
    this.#base = base;
    this.#now = now;
  }

  add(batch: readonly SandboxMessage[]): void {
    if (this.#closed) return;
    for (const message of batch) this.#receive(message);
    this.#arm();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#queue.clear();
    this.#agent.destroy();
    await Promise.all(this.#inFlight);
  }

  #receive({ rcptTo, raw, at }: SandboxMessage): void {
    const steps = readingOf(rcptTo, () => messageIdOf(raw));
    if (steps.length === 0) return;
    if (this.#queue.size >= MAX_WAITING || this.#heldBytes + raw.length > MAX_HELD_BYTES) {
      this.skipped += 1;
      return;
    }
    const letter: Letter = { raw, links: null, cookies: new Map() };
    this.#heldBytes += raw.length;
    for (const { wait, userAgent, act } of steps) {
      this.#queue.add({ letter, userAgent, act }, at + wait, this.#now());
    }
  }

  #arm(): void {
    if (this.#closed || this.#timer !== undefined || this.#queue.size === 0) return;
    this.#timer = setTimeout(() => this.#tick(), TICK);
    this.#timer.unref();
  }

  #tick(): void {
    this.#timer = undefined;
    for (let n = 0; n < PER_TICK && this.#inFlight.size < MAX_IN_FLIGHT; n++) {
      const task = this.#queue.take(this.#now());
      if (task === undefined) break;
      const work: Promise<void> = this.#perform(task).finally(() => {
        this.#inFlight.delete(work);
        this.#arm();
      });
      this.#inFlight.add(work);
    }
    this.#arm();
  }

  async #perform(task: Task): Promise<void> {
    const { act, letter } = task;
    if (act.kind === "get") return this.#visit(task, act.url);
    const links = await this.#linksOf(letter);
    if (links === null || this.#closed) return;
    switch (act.kind) {
      case "open":
        return this.#visit(task, links.pixel);
      case "mirror":
        return this.#visit(task, links.mirror);
      case "click":
        return this.#visit(task, links.visible[Math.floor(act.choice * links.visible.length)]);
      case "unsubscribe":
        return this.#visit(task, links.oneClick, "List-Unsubscribe=One-Click");
      case "scan":
        for (const url of [links.pixel, ...links.all]) {
          if (url !== null) this.#queue.add({ ...task, act: { kind: "get", url } }, this.#now(), this.#now());
        }
    }
  }

  #linksOf(letter: Letter): Promise<Links | null> {
    if (letter.raw === null) return letter.links ?? Promise.resolve(null);
    letter.links = readLinks(letter.raw, this.#base);
    this.#heldBytes -= letter.raw.length;
    letter.raw = null;
    return letter.links;
  }

  async #visit({ letter, userAgent }: Task, url: string | null | undefined, form: string | null = null): Promise<void> {
    if (!url) return;
    const cookie = letter.cookies.get(userAgent) ?? null;
    const set = await fetchQuietly({ url, agent: this.#agent, userAgent, cookie, form });
    if (set !== null) letter.cookies.set(userAgent, set);
  }
}

/** Without a slash at its end; null: not plain HTTP on loopback. */
function loopbackBase(publicUrl: string): string | null {
  if (!URL.canParse(publicUrl)) return null;
  const { protocol, hostname } = new URL(publicUrl);
  const ours = protocol === "http:" && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  return ours ? publicUrl.replace(/\/$/, "") : null;
}

function messageIdOf(raw: Uint8Array): string {
  const head = Buffer.from(raw.buffer, raw.byteOffset, Math.min(raw.byteLength, HEAD)).toString("latin1");
  const end = head.indexOf("\r\n\r\n");
  return /^message-id:[ \t]*(\S+)/im.exec(end < 0 ? head : head.slice(0, end))?.[1] ?? "";
}

/** Null: no message that anybody could read. */
async function readLinks(raw: Uint8Array, base: string): Promise<Links | null> {
  const mail = await PostalMime.parse(raw).catch(() => null);
  if (mail === null) return null;
  const header = (name: string) => mail.headers.find(({ key }) => key === name)?.value ?? "";
  const byPost = header("list-unsubscribe-post") === "List-Unsubscribe=One-Click";
  return {
    ...findMailLinks(mail.html ?? mail.text ?? "", base),
    oneClick: byPost ? findMailLinks(header("list-unsubscribe"), base).unsubscribe : null,
  };
}
