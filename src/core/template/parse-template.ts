/** Reads a Liquid template: a program that can be run, and the attributes it uses; or every error with its place. */
import { engineOf, type TemplateKind } from "./engine.ts";
import { lineTable } from "./line-table.ts";
import { buildProgram, type Program } from "./program.ts";
import { scanTags } from "./scan-marks.ts";
import {
  findVariables,
  type KnownFields,
  type TemplateError,
  TOO_DEEP,
  type UsedAttribute,
} from "./template-variables.ts";

export type ParsedTemplate = {
  readonly kind: "parsed";
  readonly templateKind: TemplateKind;
  readonly program: Program;
  /** In the order of the source, one entry for each place. */
  readonly attributes: readonly UsedAttribute[];
};
export type ParseResult = ParsedTemplate | { readonly kind: "errors"; readonly errors: readonly TemplateError[] };

/** Outputs and tags of one template: the engine's own reader takes quadratic time on them. */
const MAX_MARKS = 10_000;

export type ParseOptions = {
  readonly kind: TemplateKind;
  /** The source is prepared by Envoi: the tags `link` and `tracked` are allowed. */
  readonly internal?: boolean;
  /** Names of the operator's own variables, read as `delivery.NAME`. */
  readonly variables?: readonly string[];
  /** What the template can read; absent: what messages can. */
  readonly fields?: KnownFields;
};

/** Line ends of the source become `\n`; line and column of errors refer to lines however they ended. */
export function parseTemplate(source: string, options: ParseOptions): ParseResult {
  const text = source.replace(/\r\n?/g, "\n");
  const surplus = markAt(text, MAX_MARKS);
  if (surplus >= 0) {
    const message = `the template has more than ${MAX_MARKS} outputs and tags`;
    return { kind: "errors", errors: [{ ...lineTable(text)(surplus), offset: surplus, message }] };
  }
  try {
    const engine = engineOf(options.kind);
    const nodes = engine.parse(text);
    const { attributes, errors } = findVariables(text, nodes, {
      variables: options.variables ?? [],
      fields: options.fields,
      internal: options.internal ?? false,
      hasFilter: (name) => engine.filters[name] !== undefined,
    });
    if (errors.length > 0) return { kind: "errors", errors };
    return { kind: "parsed", templateKind: options.kind, program: buildProgram(options.kind, nodes), attributes };
  } catch (error) {
    return { kind: "errors", errors: [describeError(error, text)] };
  }
}

/** Where the mark number `index`, from 0, begins; -1 when there are not that many. A line of `{% liquid %}` is a mark too. */
function markAt(text: string, index: number): number {
  let count = 0;
  for (let at = text.indexOf("{"); at >= 0; at = text.indexOf("{", at + 1)) {
    const next = text.charAt(at + 1);
    if (next !== "{" && next !== "%") continue;
    if (count === index) return at;
    count++;
    at++;
  }
  for (const { name, args, begin } of scanTags(text)) {
    if (name !== "liquid") continue;
    count += args.split("\n").length;
    if (count > index) return begin;
  }
  return -1;
}

/** Message and place of an error that Liquid threw. A stack that ended is the template's fault too. */
function describeError(error: unknown, source: string): TemplateError {
  if (!(error instanceof Error) || !("token" in error)) {
    if (error instanceof RangeError) return { line: 1, column: 1, offset: 0, message: TOO_DEEP };
    throw error;
  }
  const { begin } = error.token as { begin: number };
  const cause = "originalError" in error ? error.originalError : null;
  const message = cause instanceof RangeError ? TOO_DEEP : error.message.replace(/(, line:\d+, col:\d+)+$/, "");
  return { ...lineTable(source)(begin), offset: begin, message };
}
