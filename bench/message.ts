/**
 * Benchmark of making messages, in one thread and so on one core: rendered, composed and hashed; signed as well, against bare
 * signatures of the same run; and the same content by nodemailer's MailComposer. Systems take turns; medians of the runs count, in
 * messages per second of processor time.
 */
import { generateKeyPairSync, type KeyObject, sign as nodeSign } from "node:crypto";

import MailComposer from "nodemailer/lib/mail-composer/index.js";

import { finishSignature, prepareSigning } from "../src/core/dkim/signature.ts";
import { readSigningKey, sha256Base64 } from "../src/adapters/crypto/crypto.ts";
import { compileContent, type CompiledContent } from "../src/core/message/compile-content.ts";
import { composeMessage } from "../src/core/message/compose-message.ts";
import { type Crypto, factsOf, makeMessage } from "../src/mta/make-message.ts";
import { person, substitute, type Person } from "./campaign.ts";
import { checkSignatures, medianOf, round } from "./measure.ts";

const SIZES = { "10 kB": 10_000, "50 kB": 50_000 } as const;
/** Static links in each of the two parts; with them the pixel, the mirror page, the unsubscribe link and header. */
const LINKS = 8;
const SUBJECT = "{{ recipient.first_name }}, vos points vous attendent jusqu’à la fin de l’été";
/** With the one of the subject: 12 personalised fields. */
const HTML_HEAD =
  "<h1>Bonjour {{ recipient.first_name }} {{ recipient.last_name }} !</h1>\n" +
  "<p>Il vous reste <strong>{{ recipient.points }} points</strong> à utiliser avant le {{ recipient.expires }} à {{ recipient.city }}, {{ recipient.shop }}.</p>\n";
const TEXT_HEAD =
  "Bonjour {{ recipient.first_name }},\n\nVos {{ recipient.points }} points vous attendent à {{ recipient.city }}, {{ recipient.shop }}, jusqu’au {{ recipient.expires }}.\n";
const HTML_STORY =
  '<h2 style="font-size:17px;margin:0 0 6px">Nouveautés de la saison <small style="color:#7a858c">New this season</small></h2>\n<p style="margin:0 0 10px;line-height:1.5">Des pièces légères, cousues dans nos ateliers, à découvrir avant tout le monde.</p>\n';
const TEXT_STORY = "Des pièces légères, cousues dans nos ateliers, à découvrir avant tout le monde.\n";

type Source = { readonly html: string; readonly text: string };

/** About as many bytes on the wire as asked for, most of them HTML. `link` writes the n-th link of a part. */
function sourceOf(bytes: number, link: (n: number) => string, url: (name: string) => string): Source {
  const html = [HTML_HEAD];
  const text = [TEXT_HEAD];
  for (let n = 1; n <= LINKS; n++) {
    html.push(`<p><a href="${link(n)}">Découvrir / Discover</a></p>\n`);
    text.push(`Découvrir : ${link(n)}\n`);
  }
  const ends = `<a href="${url("mirror_url")}">Web</a> <a href="${url("unsubscribe_url")}">Désinscription</a>\n`;
  const overhead = 3500;
  const story = HTML_STORY.length + TEXT_STORY.length / 2;
  for (let left = bytes - overhead; left > 0; left -= story) {
    html.splice(-1, 0, HTML_STORY);
    if (html.length % 2 === 0) text.splice(-1, 0, TEXT_STORY);
  }
  return { html: `${html.join("")}${ends}<img src="${url("open_url")}" alt="">\n`, text: text.join("") };
}

const BASE = "https://news.shop.example";

function ourSource(bytes: number, tracked: boolean): Source {
  return tracked
    ? sourceOf(
        bytes,
        (n) => `{% link ${n} %}`,
        (name) => `{{ message.${name} }}`,
      )
    : peerSource(bytes);
}

/** The same with addresses that look like ours and cost nothing. */
function peerSource(bytes: number): Source {
  const token = "EAEHDAMBlWewtEMruT0aBcDe";
  return sourceOf(
    bytes,
    () => `${BASE}/r/${token}`,
    (name) => `${BASE}/${name.charAt(0)}/${token}`,
  );
}

function compile({ html, text }: Source): CompiledContent {
  const source = { subject: SUBJECT, html, text, fromName: "Le club", fromAddress: "club@shop.example" };
  const compiled = compileContent(source, { internal: true });
  if (compiled.kind === "errors") throw new Error(JSON.stringify(compiled.errors));
  return compiled.content;
}

const AT = Date.UTC(2026, 1, 3);
const TOKENS = { base: BASE, key: { id: 1, words: [1, 2, 3, 4] as const }, mark: "live" as const };

function deliveryOf(content: CompiledContent, key: KeyObject) {
  const identity = {
    domain: "shop.example",
    selector: "bench",
    algorithm: "rsa-sha256",
    canonicalization: "relaxed/relaxed",
  } as const;
  return {
    id: 7,
    label: "bench",
    content,
    at: AT,
    signing: [{ ...identity, key }] as const,
    tokens: TOKENS,
    loadContent: null,
  };
}

/** Signs in this thread: what a second core does would not be seen. */
function signHere(_: string, key: KeyObject, bytes: string): string {
  return nodeSign("sha256", Buffer.from(bytes, "latin1"), key).toString("base64");
}
const CRYPTO: Crypto = { sha256Base64, sign: signHere };

const PEOPLE = Array.from({ length: 1000 }, (_, n) => person(n));
const personOf = (n: number): Person => PEOPLE[n % PEOPLE.length] ?? person(n);

/**
 * Messages per second of processor time, of as many as fit into the time. All threads of the process count, garbage collection too; what
 * other programs took from the core does not.
 */
async function rate(milliseconds: number, makeOne: (n: number) => unknown): Promise<number> {
  const end = performance.now() + milliseconds;
  const before = process.cpuUsage();
  let n = 0;
  while (performance.now() < end) {
    for (const batch = n + 20; n < batch; n++) {
      const made = makeOne(n);
      if (made instanceof Promise) await made;
    }
  }
  const { user, system } = process.cpuUsage(before);
  return (n / (user + system)) * 1e6;
}

type Systems = Readonly<Record<string, (n: number) => unknown>>;
type Contest = { readonly systems: Systems; readonly wireBytes: number; readonly sample: () => Promise<string> };

function contestOf(bytes: number, key: KeyObject): Contest {
  const tracked = deliveryOf(compile(ourSource(bytes, true)), key);
  const untracked = deliveryOf(compile(ourSource(bytes, false)), key);
  const make = async (n: number) => {
    const recipient = personOf(n);
    const made = await makeMessage(CRYPTO, tracked, { partId: 12, seq: n }, recipient.email, recipient);
    if (made.kind === "error") throw new Error(made.message);
    return made.bytes;
  };
  const toSign = sign(tracked, 0).data;
  return {
    systems: {
      composed: (n) => compose(tracked, n),
      composedWithoutTracking: (n) => compose(untracked, n),
      signed: (n) => sign(tracked, n),
      signedWithDigest: make,
      bareSignatures: () => signHere("rsa-sha256", key, toSign),
      nodemailer: nodemailerFor(peerSource(bytes)),
    },
    wireBytes: compose(tracked, 0).composed.sizeBytes,
    sample: async () => Buffer.from(await make(0)).toString("latin1"),
  };
}

/** Rendered, put together, body hashed. */
function compose(delivery: ReturnType<typeof deliveryOf>, n: number) {
  const recipient = personOf(n);
  const composed = composeMessage(
    delivery.content,
    recipient,
    factsOf(delivery, { partId: 12, seq: n }, recipient.email),
  );
  if (composed.kind === "error") throw new Error(composed.message);
  return { composed, bodyHash: sha256Base64(composed.body) };
}

/** And signed; what `makeMessage` does but for the digest that is kept of every message. */
function sign(delivery: ReturnType<typeof deliveryOf>, n: number) {
  const { composed, bodyHash } = compose(delivery, n);
  const { data, unsigned } = prepareSigning(delivery.signing[0], composed.headers, bodyHash, AT);
  const field = finishSignature({ data, unsigned }, signHere("rsa-sha256", delivery.signing[0].key, data)).text;
  return { data, bytes: `${field}${composed.headers.map(({ text }) => text).join("")}\r\n${composed.body}` };
}

function nodemailerFor(source: Source): (n: number) => Promise<Buffer> {
  const [subject, html, text] = [substitute(SUBJECT), substitute(source.html, true), substitute(source.text)];
  const headers = { "List-Unsubscribe": `<${BASE}/u/x>`, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click" };
  return (n) => {
    const recipient = personOf(n);
    return new MailComposer({
      from: { name: "Le club", address: "club@shop.example" },
      to: recipient.email,
      subject: subject(recipient),
      html: html(recipient),
      text: text(recipient),
      textEncoding: "quoted-printable",
      headers,
    })
      .compile()
      .build();
  };
}

export async function run({ runs = 5, milliseconds = 700 }: { runs?: number; milliseconds?: number } = {}) {
  const pem = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs8", format: "pem" });
  const read = readSigningKey(pem.toString());
  if (read.kind !== "key") throw new Error(read.detail);
  const figures: Record<string, object> = {};
  for (const [name, bytes] of Object.entries(SIZES)) {
    const { systems, wireBytes, sample } = contestOf(bytes, read.key);
    await checkSignatures([await sample()], `v=DKIM1; k=rsa; p=${read.publicKey}`);
    figures[name] = { wireBytes, ...(await measure(name, systems, runs, milliseconds)) };
  }
  return { fields: 12, trackedLinks: 2 * LINKS, runs, ...figures };
}

async function measure(name: string, systems: Systems, runs: number, milliseconds: number) {
  const rates = new Map<string, number[]>(Object.keys(systems).map((system) => [system, []]));
  // the first turn is for the compiler
  for (let turn = 0; turn <= runs; turn++) {
    for (const [system, makeOne] of Object.entries(systems)) {
      const reached = await rate(milliseconds, makeOne);
      if (turn > 0) rates.get(system)?.push(reached);
    }
  }
  const median = (system: string) => medianOf(rates.get(system) ?? []) ?? Number.NaN;
  const perCpuSecond = Object.fromEntries(Object.keys(systems).map((system) => [system, round(median(system))]));
  const ratios = {
    signedToBareSignatures: round(median("signed") / median("bareSignatures"), 3),
    withDigestToBareSignatures: round(median("signedWithDigest") / median("bareSignatures"), 3),
    composedToNodemailer: round(median("composed") / median("nodemailer"), 1),
  };
  process.stderr.write(`${name}: ${JSON.stringify({ perCpuSecond, ...ratios }, null, 2)}\n`);
  return { perCpuSecond, ...ratios };
}
