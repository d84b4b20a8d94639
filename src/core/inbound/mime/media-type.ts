/** Content-Type as programs write it (RFC 2045 §5.1): a missing semicolon or a wrong quote loses one parameter, not the rest. */

export type MediaType = {
  /** `text/plain`, lower case. */
  readonly type: string;
  readonly boundary: string | null;
  readonly charset: string | null;
  /** Of multipart/report (RFC 6522), lower case. */
  readonly reportType: string | null;
};

const TYPE = /^\s{0,20}([a-z0-9!#$&^_.+-]{1,60}\/[a-z0-9!#$&^_.+-]{1,100})/i;
const PARAMETER = /[;\s]([a-z-]{1,30})\*?[ \t]?=[ \t]?(?:"([^"]{0,300})"?|([^;\s"]{1,300}))/gi;

export function readMediaType(value: string | null): MediaType | null {
  const type = TYPE.exec(value ?? "")?.[1]?.toLowerCase();
  if (value === null || type === undefined) return null;
  const parameters = new Map<string, string>();
  for (const [, name = "", quoted, plain] of value.slice(0, 2000).matchAll(PARAMETER)) {
    const key = name.toLowerCase();
    if (!parameters.has(key)) parameters.set(key, quoted ?? plain ?? "");
  }
  // RFC 2231 §4: `charset*=utf-8'en'utf-8`; only the last piece is the value.
  const charset = parameters.get("charset")?.split("'").at(-1)?.trim().toLowerCase() ?? null;
  return {
    type,
    // Blanks at its end are not part of it (RFC 2046 §5.1.1).
    boundary: parameters.get("boundary")?.trimEnd() || null,
    charset: charset || null,
    reportType: parameters.get("report-type")?.toLowerCase() ?? null,
  };
}
