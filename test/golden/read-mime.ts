/**
 * A second reader of messages beside postal-mime, written from the RFCs and sharing nothing with the code that writes them: headers (RFC
 * 5322), encoded words (2047), parameters (2231), parts and transfer encodings (2045, 2046). Strict: throws where the standard is broken.
 */

export type ReadPart = {
  /** In their order; names as written, values unfolded and not decoded. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly disposition: string | null;
  readonly fileName: string | null;
  readonly encoding: string;
  /** Of a leaf, decoded; line ends as they are. */
  readonly content: Buffer;
  /** Of a leaf of text. */
  readonly text: string;
  readonly parts: readonly ReadPart[];
};

export function readMime(bytes: string): ReadPart {
  const end = bytes.startsWith("\r\n") ? 0 : bytes.indexOf("\r\n\r\n") + 2;
  if (end === 1) throw new Error("the header does not end");
  const headers = readHeaders(bytes.slice(0, end));
  const body = bytes.slice(end + 2);
  const field = (name: string) => headers.find(([key]) => key.toLowerCase() === name)?.[1] ?? null;
  const [type = "", parameters] = readParameters(field("content-type") ?? "text/plain; charset=us-ascii");
  const [disposition = null, dispositionParameters] = readParameters(field("content-disposition") ?? "");
  const encoding = (field("content-transfer-encoding") ?? "7bit").trim().toLowerCase();
  const isMultipart = type.startsWith("multipart/");
  if (isMultipart && encoding !== "7bit") throw new Error(`a multipart in ${encoding}`);
  const content = isMultipart ? Buffer.alloc(0) : decodeContent(body, encoding);
  return {
    headers,
    type,
    parameters,
    disposition,
    fileName: dispositionParameters["filename"] ?? null,
    encoding,
    content,
    text: type.startsWith("text/") ? decodeText(content, parameters["charset"] ?? "us-ascii") : "",
    parts: isMultipart ? splitParts(body, parameters["boundary"] ?? "").map(readMime) : [],
  };
}

/** All parts without parts of their own, in their order. */
export function leavesOf(part: ReadPart): ReadPart[] {
  return part.parts.length === 0 ? [part] : part.parts.flatMap(leavesOf);
}

function decodeText(content: Buffer, charset: string): string {
  return new TextDecoder(charset, { fatal: true, ignoreBOM: true }).decode(content);
}

function readHeaders(head: string): [string, string][] {
  if (head === "") return [];
  return head
    .slice(0, -2)
    .replace(/\r\n(?=[ \t])/g, "")
    .split("\r\n")
    .map((line) => {
      const match = /^([!-9;-~]+):(.*)$/s.exec(line);
      if (!match) throw new Error(`no header: ${JSON.stringify(line)}`);
      return [match[1] ?? "", match[2] ?? ""];
    });
}

/** Encoded words of a whole value; blanks between two of them are dropped (RFC 2047 §6.2). */
export function readWords(value: string): string {
  const word = /=\?([^?\s]+)\?([bq])\?([^?\s]*)\?=/gi;
  return value
    .trim()
    .replace(/(\?=)[ \t]+(?==\?[^?\s]+\?[bq]\?)/gi, "$1")
    .replace(word, (whole, charset: string, encoding: string, text: string) => {
      if (whole.length > 75) throw new Error(`an encoded word of ${whole.length} characters`);
      const bytes =
        encoding.toLowerCase() === "b"
          ? Buffer.from(text, "base64")
          : Buffer.from(
              text.replaceAll("_", " ").replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
              "latin1",
            );
      return decodeText(bytes, charset);
    });
}

function readParameters(value: string): [string | undefined, Record<string, string>] {
  const [main, ...rest] = value.match(/(?:"(?:\\.|[^"\\])*"|[^;"])+/gs) ?? [];
  const raw = new Map<string, string>();
  for (const parameter of rest) {
    const match = /^\s*([^=\s]+)=(?:"((?:\\.|[^"\\])*)"|(\S*))\s*$/s.exec(parameter);
    if (!match) throw new Error(`no parameter: ${JSON.stringify(parameter)}`);
    raw.set((match[1] ?? "").toLowerCase(), match[3] ?? (match[2] ?? "").replace(/\\(.)/gs, "$1"));
  }
  const parameters: Record<string, string> = {};
  for (const [key, text] of raw) if (!key.includes("*")) parameters[key] = text;
  for (const key of raw.keys()) {
    const name = key.split("*")[0] ?? "";
    if (key.includes("*")) parameters[name] = extended(name, raw);
  }
  return [main?.trim().toLowerCase(), parameters];
}

/** RFC 2231 §3 and §4. */
function extended(name: string, raw: ReadonlyMap<string, string>): string {
  let whole = raw.get(`${name}*`) ?? "";
  for (let n = 0; raw.has(`${name}*${n}*`); n++) whole += raw.get(`${name}*${n}*`);
  const [charset = "", , text = ""] = whole.split("'");
  const bytes = text.replace(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return decodeText(Buffer.from(bytes, "latin1"), charset);
}

function decodeContent(body: string, encoding: string): Buffer {
  if (encoding === "base64") {
    if (!/^(?:[A-Za-z0-9+/]*={0,2}\r\n)*[A-Za-z0-9+/]*={0,2}$/.test(body)) throw new Error("not base64");
    const letters = body.replaceAll("\r\n", "");
    if (letters.length % 4 !== 0 || /=[^=]/.test(letters)) throw new Error("base64 of a broken length");
    return Buffer.from(letters, "base64");
  }
  if (encoding === "quoted-printable") {
    if (!/^(?:[\t\r\n !-<>-~]|=[0-9A-F]{2}|=\r\n)*$/.test(body)) throw new Error("not quoted-printable");
    const text = body
      .replaceAll("=\r\n", "")
      .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
    return Buffer.from(text, "latin1");
  }
  if (encoding !== "7bit") throw new Error(`the encoding ${encoding}`);
  if (!/^[\t\r\n -~]*$/.test(body)) throw new Error("not 7bit");
  return Buffer.from(body, "latin1");
}

/** RFC 2046 §5.1.1: the line end before a boundary belongs to it. */
function splitParts(body: string, boundary: string): string[] {
  const delimiter = new RegExp(`(?:^|\r\n)--${boundary.replace(/[^A-Za-z0-9]/g, "\\$&")}(--)?[ \t]*(?:\r\n|$)`);
  const parts: string[] = [];
  let rest = body;
  for (let first = true; ; first = false) {
    const match = delimiter.exec(rest);
    if (!match) throw new Error("a multipart without its end");
    if (!first) parts.push(rest.slice(0, match.index));
    const after = rest.slice(match.index + match[0].length);
    if (match[1] !== undefined) return parts;
    rest = after;
  }
}
