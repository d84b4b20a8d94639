/** Decodes character references of HTML (HTML Living Standard §13.2.5.72), in attribute values and in text. */
import { Parser } from "htmlparser2";

/** `open`: something unknown follows, so a reference at the end without its semicolon is none. */
export function decodeAttribute(value: string, open = false): string {
  if (!value.includes("&")) return value;
  let decoded = "";
  const parser = new Parser({ onattribute: (_, found) => (decoded = found) });
  parser.end(`<a b="${value.replaceAll('"', "&quot;")}${open ? "x" : ""}">`);
  return open ? decoded.slice(0, -1) : decoded;
}

export function decodeText(text: string): string {
  if (!text.includes("&")) return text;
  // the parser must not see tags in what is text already
  return text.split("<").map(decodePiece).join("<");
}

function decodePiece(text: string): string {
  if (!text.includes("&")) return text;
  let decoded = "";
  new Parser({ ontext: (piece) => (decoded += piece) }).end(text);
  return decoded;
}
