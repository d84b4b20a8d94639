/** The two texts of MTA-STS: the TXT record that says a policy exists (RFC 8461 §3.1), and the policy (§3.2). */
import { type Duration, SECOND } from "../../core/time.ts";

export type ParsedPolicy = {
  readonly mode: "enforce" | "testing" | "none";
  readonly mx: readonly string[];
  readonly maxAge: Duration;
};

export type Parsed =
  | { readonly kind: "policy"; readonly policy: ParsedPolicy }
  | { readonly kind: "invalid"; readonly detail: string };

/** A year (RFC 8461 §3.2). */
const MAX_AGE_LIMIT: Duration = 31_557_600 * SECOND;
/** Nobody has as many mail servers; each policy stays in memory. */
const MAX_MASKS = 100;
const MASK = /^(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/;
const MODES = ["enforce", "testing", "none"] as const;

/** The id of the policy; null: there is none. Two records that both claim to be it are none (RFC 8461 §3.1). */
export function policyId(records: readonly string[]): string | null {
  const [record, second] = records.filter((text) => /^v=STSv1\s*;/.test(text));
  if (record === undefined || second !== undefined) return null;
  const fields = record.split(";").map((field) => field.trim());
  const id = fields.find((field) => field.startsWith("id="))?.slice("id=".length);
  return id !== undefined && /^[A-Za-z0-9]{1,32}$/.test(id) ? id : null;
}

export function parsePolicy(text: string): Parsed {
  const fields = text.split(/\r?\n/).flatMap((line) => {
    const colon = line.indexOf(":");
    return colon < 0 ? [] : [{ key: line.slice(0, colon).trim(), value: line.slice(colon + 1).trim() }];
  });
  // RFC 8461 §3.2: of a field that is there twice, the first counts; `mx` may be there often.
  const first = (name: string) => fields.find(({ key }) => key === name)?.value ?? "";
  if (first("version") !== "STSv1") return invalid("its version is not STSv1");
  const mode = MODES.find((known) => known === first("mode"));
  if (!mode) return invalid("it has no mode that is known");
  if (!/^\d{1,10}$/.test(first("max_age"))) return invalid("it does not say how long it holds");
  const maxAge = Math.min(Number(first("max_age")) * SECOND, MAX_AGE_LIMIT);
  const masks = fields.filter(({ key }) => key === "mx").map(({ value }) => value.toLowerCase().replace(/\.$/, ""));
  const wrong = masks.find((mask) => !MASK.test(mask) || mask.length > 255);
  if (wrong !== undefined) return invalid(`${JSON.stringify(wrong.slice(0, 80))} is no MX host`);
  const mx = [...new Set(masks)];
  if (mx.length > MAX_MASKS) return invalid(`it names more than ${MAX_MASKS} MX hosts`);
  if (mode !== "none" && mx.length === 0) return invalid("it names no MX host");
  return { kind: "policy", policy: { mode, mx, maxAge } };
}

const invalid = (detail: string): Parsed => ({ kind: "invalid", detail });
