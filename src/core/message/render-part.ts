/** Single values of a message: rendered, judged, or the refusal of the whole message. */
import { parseAddress, type ValidAddress } from "../address/parse-address.ts";
import { describeRenderError, type RunOptions, type Scope } from "../template/engine.ts";
import { execute, startRun } from "../template/program.ts";
import type { AddressValue, ContentPart, HeaderValue } from "./compiled-content.ts";
import { cleanValue } from "./header-field.ts";

/** A message that these variables make impossible. Final: another attempt gives the same. */
export type ComposeError = {
  readonly kind: "error";
  readonly part: ContentPart | "to";
  readonly code: "template" | "address-invalid" | "header-too-long";
  readonly message: string;
};

/** Characters of a rendered header value; beyond it servers refuse the message or cut the header. */
const MAX_HEADER_VALUE = 10_000;

/** Ends the making of a message from anywhere inside; `guarded` makes it a value. */
class Refusal extends Error {
  readonly refusal: ComposeError;
  constructor(refusal: ComposeError) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

export function refuse(part: ComposeError["part"], code: ComposeError["code"], message: string): never {
  throw new Refusal({ kind: "error", part, code, message });
}

/** Runs `make`; what a template or a value makes impossible becomes a value. */
export function guarded<T>(make: () => T): T | ComposeError {
  try {
    return make();
  } catch (error) {
    if (error instanceof Refusal) return error.refusal;
    throw error;
  }
}

/** Runs `render` for a part; an error of its template becomes a refusal that names the part. */
export function inPart(part: ContentPart, render: () => string): string {
  try {
    return render();
  } catch (error) {
    const message = describeRenderError(error);
    if (message === null) throw error;
    return refuse(part, "template", message);
  }
}

export type Rendering = { readonly scope: Scope; readonly options: RunOptions };

export function plainLineEnds(text: string): string {
  return text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
}

export function headerValue(part: ContentPart, { fixed, program }: HeaderValue, { scope, options }: Rendering): string {
  const value =
    fixed ?? cleanValue(inPart(part, () => execute(program, startRun("header", scope, options), plainLineEnds)));
  if (value.length <= MAX_HEADER_VALUE) return value;
  return refuse(
    part,
    "header-too-long",
    `the value has ${value.length} characters, a header may have ${MAX_HEADER_VALUE}`,
  );
}

/** Null when the template gives nothing. */
export function optionalAddress(
  part: ContentPart,
  value: AddressValue | null,
  rendering: Rendering,
): ValidAddress | null {
  if (value === null || value.address !== null) return value?.address ?? null;
  const text = headerValue(part, value, rendering);
  return text === "" ? null : addressOf(part, text);
}

export function addressOf(part: ComposeError["part"], text: string): ValidAddress {
  const parsed = parseAddress(text);
  if (parsed.kind === "valid") return parsed;
  const reason = parsed.kind === "empty" ? "is empty" : parsed.reason;
  return refuse(part, "address-invalid", `the address "${cleanValue(text).slice(0, 100)}" ${reason}`);
}
