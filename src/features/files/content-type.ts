/**
 * What a file is, read off its first bytes where they tell, else as the client declared it. Never a type that would make a
 * mail client see parts of a message (`multipart/…`, `message/…`) in what is only a file.
 */

const UNKNOWN = "application/octet-stream";
/** `restricted-name` of RFC 6838 §4.2. */
const TYPE = /^([a-z0-9][a-z0-9!#$&^_.+-]{0,126})\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/;

type Signature = { readonly type: string; readonly at?: number; readonly bytes: string };

/** Latin-1 text stands for bytes. The RIFF of WebP and the box of AVIF begin with a length, so they are told further on. */
const SIGNATURES: readonly Signature[] = [
  { type: "image/png", bytes: "\x89PNG\r\n\x1a\n" },
  { type: "image/jpeg", bytes: "\xff\xd8\xff" },
  { type: "image/gif", bytes: "GIF87a" },
  { type: "image/gif", bytes: "GIF89a" },
  { type: "image/webp", at: 8, bytes: "WEBPVP8" },
  { type: "image/avif", at: 4, bytes: "ftypavif" },
  { type: "image/bmp", at: 6, bytes: "\0\0\0\0" },
  { type: "image/tiff", bytes: "II*\0" },
  { type: "image/tiff", bytes: "MM\0*" },
  { type: "image/x-icon", bytes: "\0\0\x01\0" },
  { type: "application/pdf", bytes: "%PDF-" },
  { type: "application/zip", bytes: "PK\x03\x04" },
  { type: "application/zip", bytes: "PK\x05\x06" },
  { type: "application/gzip", bytes: "\x1f\x8b\x08" },
];
const TOLD_BY_BYTES = new Set(SIGNATURES.map((signature) => signature.type));
const LONGEST = 32;

/** Lower case, without parameters. `declared` is what a client said, in whatever form. */
export function contentTypeOf(content: Uint8Array, declared: string): string {
  const wanted = readType(declared);
  const start = Buffer.from(content.subarray(0, LONGEST)).toString("latin1");
  const found = SIGNATURES.find(({ type, at = 0, bytes }) => start.startsWith(bytes, at) && isPlausible(type, start));
  if (found?.type === "application/zip" && isZipInside(wanted)) return wanted;
  if (found) return found.type;
  // Said to be something that its first bytes would show, and they do not.
  return TOLD_BY_BYTES.has(wanted) ? UNKNOWN : wanted;
}

function readType(declared: string): string {
  const type = (declared.split(";", 1)[0] ?? "").trim().toLowerCase();
  const match = TYPE.exec(type);
  return match && match[1] !== "multipart" && match[1] !== "message" ? type : UNKNOWN;
}

/** Signatures too short to stand alone. */
function isPlausible(type: string, start: string): boolean {
  if (type === "image/bmp") return start.startsWith("BM");
  if (type === "image/webp") return start.startsWith("RIFF");
  return true;
}

/** Documents of office programs and the like are archives under a name of their own. */
function isZipInside(type: string): boolean {
  return /^application\/(vnd\.|java-archive$)|\+zip$/.test(type);
}
