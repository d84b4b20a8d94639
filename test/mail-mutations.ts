/** Real mails, and everything that can happen to a mail on its way: slips of programs, and what says one thing and is another. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";

const FIXTURES = new URL("../src/features/inbound/fixtures/", import.meta.url);
/** Beside the repository, where they are: mails of many systems and years. */
const CORPORA = new URL("../../shared/corpora/", import.meta.url);

/** By their names; each character is a byte. */
export const FIXTURE_MAILS: ReadonlyMap<string, string> = readFolder(FIXTURES);

export const REAL_MAILS: readonly string[] = [
  FIXTURE_MAILS,
  ...["bounce-sisimai", "arf", "autoreply", "not-bounce"].map((name) => readFolder(new URL(`${name}/files/`, CORPORA))),
].flatMap((folder) => [...folder.values()]);

function readFolder(folder: URL): Map<string, string> {
  if (!existsSync(folder)) return new Map();
  return new Map(readdirSync(folder).map((name) => [name, readFileSync(new URL(name, folder), "latin1")]));
}

export type Mutation = (text: string) => string;

const place = fc.double({ min: 0, max: 1, noNaN: true });
const at = (text: string, where: number) => Math.floor(where * text.length);
const slip: fc.Arbitrary<Mutation> = fc.oneof(
  place.map(
    (where): Mutation =>
      (text) =>
        text.slice(0, at(text, where)),
  ),
  fc.tuple(place, fc.nat(255)).map(
    ([where, byte]): Mutation =>
      (text) =>
        text.slice(0, at(text, where)) + String.fromCharCode(byte) + text.slice(at(text, where) + 1),
  ),
  fc.constantFrom("\r\n", "\r", "\r\r\n", "\n\n", " \n").map(
    (end): Mutation =>
      (text) =>
        text.replaceAll("\n", end),
  ),
  place.map(
    (where): Mutation =>
      (text) => {
        const lines = text.split("\n");
        const i = Math.floor(where * Math.min(20, lines.length - 1));
        return lines.toSpliced(i, 0, lines[i] ?? "").join("\n");
      },
  ),
  place.map(
    (where): Mutation =>
      (text) =>
        text.slice(0, at(text, where)) + text.slice(at(text, where) / 2),
  ),
  fc.constantFrom("\0", "\xff", "=", "--", "<>", "@").map(
    (piece): Mutation =>
      (text) =>
        text.replaceAll("e", piece),
  ),
);
/** What says one thing and is another: charsets, encodings, types, boundaries. */
const lie: fc.Arbitrary<Mutation> = fc.oneof(
  fc.constantFrom("utf-7", "utf-16", "utf-16le", "iso-2022-jp", "gb18030", "x-unknown", "us-ascii", "ibm037", "").map(
    (charset): Mutation =>
      (text) =>
        text.replace(/charset\s*=\s*"?[\w-]*"?/gi, `charset="${charset}"`),
  ),
  fc.constantFrom("base64", "quoted-printable", "8bit", "x-uuencode").map(
    (encoding): Mutation =>
      (text) =>
        text.replace(/^content-transfer-encoding:.*$/gim, `Content-Transfer-Encoding: ${encoding}`),
  ),
  fc.constantFrom("message/rfc822", "multipart/mixed", "multipart/report", "message/delivery-status", "text/html").map(
    (type): Mutation =>
      (text) =>
        text.replace(/^content-type:\s*[\w-]+\/[\w-]+/gim, `Content-Type: ${type}`),
  ),
  fc.nat(300).map(
    (depth): Mutation =>
      (text) =>
        nested(text, depth),
  ),
  fc.constant<Mutation>((text) => text.replace(/boundary\s*=\s*"?[^"\s;]+"?/gi, 'boundary="-"')),
  place.map(
    (where): Mutation =>
      (text) => {
        const boundaries = [...text.matchAll(/boundary\s*=\s*"?([^"\s;]+)"?/gi)].map(([, name = ""]) => name);
        const cut = at(text, where);
        return boundaries.reduce((before, name) => `${before.slice(0, cut)}\n--${name}\n${before.slice(cut)}`, text);
      },
  ),
);

/** In so many multiparts, every other with the boundary of the one before. */
function nested(text: string, depth: number): string {
  let mail = text;
  for (let i = 0; i < depth; i++) {
    const name = `nest${Math.floor(i / 2)}`;
    mail = `Content-Type: multipart/mixed; boundary="${name}"\n\n--${name}\n${mail}\n--${name}--\n`;
  }
  return mail;
}

const bits: fc.Arbitrary<Mutation> = fc.array(fc.tuple(place, fc.nat(7)), { minLength: 1, maxLength: 40 }).map(
  (flips): Mutation =>
    (text) => {
      const bytes = Buffer.from(text, "latin1");
      for (const [where, bit] of flips) if (bytes.length > 0) bytes[at(text, where) % bytes.length]! ^= 1 << bit;
      return bytes.toString("latin1");
    },
);

/** `slips`: alone; no program means harm by them. */
export const slips: fc.Arbitrary<Mutation> = several(slip);
export const mutations: fc.Arbitrary<Mutation> = several(fc.oneof(slip, lie, bits));

/** One after the other. */
function several(one: fc.Arbitrary<Mutation>): fc.Arbitrary<Mutation> {
  return fc.array(one, { minLength: 1, maxLength: 6 }).map(
    (steps): Mutation =>
      (text) =>
        steps.reduce((before, step) => step(before), text),
  );
}
