/**
 * The HTML and the text of a message in the transfer encoding that suits them, chosen once for a delivery. 8bit is never chosen:
 * a server without 8BITMIME would make the sender (or a relay on the way) encode the message again (RFC 6152 §3), and no
 * signature survives that (RFC 6376 §5.3).
 */
import { execute, mapStatic, type Program, startRun } from "../template/program.ts";
import type { RunOptions, Scope } from "../template/engine.ts";
import { Base64Writer, prepareSegment, type Segment, SEGMENT_LENGTH } from "./base64.ts";
import { type Charset, encodeHtml, UTF_8 } from "./charset.ts";
import { countEscapes, encodeBytes, encodePiece, encodeStatic } from "./quoted-printable.ts";

export type TransferEncoding = "7bit" | "quoted-printable" | "base64";

export type BodyPart = {
  readonly kind: "html" | "text";
  /** As written. */
  readonly plain: Program;
  readonly encoding: TransferEncoding;
  readonly charset: Charset;
  /** Static texts as they stand in the message: encoded, for base64 as bytes. */
  readonly encoded: Program;
  /** For base64: long static texts of `encoded`. */
  readonly segments: ReadonlyMap<string, Segment>;
};

export function compileBody(kind: "html" | "text", plain: Program, charset: Charset): BodyPart {
  const part = { kind, plain, charset, segments: new Map<string, Segment>() };
  const ready = readyText(plain);
  if (ready !== null) return { ...part, encoding: "7bit", encoded: [ready] };
  const toBytes = bytesOf(kind, charset);
  const encoding = cheapest(staticTexts(plain).map(toBytes));
  if (encoding === "quoted-printable") {
    const encode = charset === UTF_8 ? encodeStatic : (text: string) => encodeBytes(toBytes(text));
    return { ...part, encoding, encoded: mapStatic(plain, encode) };
  }
  const encoded = mapStatic(plain, (text) => toBytes(withCrlf(text)));
  for (const bytes of staticTexts(encoded)) {
    if (bytes.length >= SEGMENT_LENGTH) part.segments.set(bytes, prepareSegment(bytes));
  }
  return { ...part, encoding, encoded };
}

/** A line that nobody on the way changes and no canonicalisation either: printable, no two blanks, none at its end, no dot or From first. */
const SAFE_LINE = /^(?!\.|From |--)(?:[!-~]| (?=[!-~])){1,78}$/;

/** The text as it can stand in a message without any encoding; null when it cannot. */
function readyText(program: Program): string | null {
  const [text = "", ...more] = program;
  if (typeof text !== "string" || more.length > 0) return null;
  const lines = text.endsWith("\n") ? text.slice(0, -1).split("\n") : text.split("\n");
  const safe = lines.every((line) => line === "" || SAFE_LINE.test(line));
  return safe && lines.at(-1) !== "" ? `${lines.join("\r\n")}\r\n` : null;
}

/** Quoted-printable makes three bytes of one that needs it, base64 four of any three. */
function cheapest(texts: readonly string[]): TransferEncoding {
  const length = texts.reduce((sum, text) => sum + text.length, 0);
  const escapes = texts.reduce((sum, text) => sum + countEscapes(text), 0);
  return length + 2 * escapes > (length * 4) / 3 ? "base64" : "quoted-printable";
}

function staticTexts(program: Program): string[] {
  return program.flatMap((step) => {
    if (typeof step === "string") return [step];
    return step.kind === "choice" ? step.branches.flatMap(staticTexts) : [];
  });
}

function bytesOf(kind: "html" | "text", charset: Charset): (text: string) => string {
  return kind === "html" && charset !== UTF_8 ? (text) => encodeHtml(charset, text) : charset.encode;
}

/** Line ends of text are CRLF before base64 (RFC 2045 §6.8). */
function withCrlf(text: string): string {
  return text.includes("\n") || text.includes("\r") ? text.replace(/\r\n|\r|\n/g, "\r\n") : text;
}

/** The part of one message, encoded; throws what `describeRenderError` describes. */
export function renderBody(part: BodyPart, scope: Scope, options: RunOptions): string {
  const run = startRun(part.kind, scope, options);
  if (part.encoding === "base64") return renderBase64(part, run);
  if (part.charset === UTF_8) return execute(part.encoded, run, encodePiece);
  const toBytes = bytesOf(part.kind, part.charset);
  return execute(part.encoded, run, (text) => encodeBytes(toBytes(text)));
}

function renderBase64(part: BodyPart, run: ReturnType<typeof startRun>): string {
  const toBytes = bytesOf(part.kind, part.charset);
  const writer = new Base64Writer();
  const put = (program: Program): void => {
    for (const step of program) {
      if (typeof step === "string") {
        const segment = part.segments.get(step);
        if (segment === undefined) writer.write(step);
        else writer.writeSegment(segment);
      } else if (step.kind === "choice") {
        const branch = step.branches[step.choose(run)];
        if (branch !== undefined) put(branch);
      } else {
        writer.write(toBytes(withCrlf(execute([step], run, (text) => text))));
      }
    }
  };
  put(part.encoded);
  return writer.end();
}
