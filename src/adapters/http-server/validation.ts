/**
 * What comes in over HTTP, held against the zod schema of its route: every problem at once, each with its place. Also
 * refuses text that PostgreSQL cannot store (NUL, lone surrogates) and endless nesting before any feature sees it.
 */
import type { FastifyRequest, FastifySchemaCompiler } from "fastify";
import type { z } from "zod";

import { appError, type FieldError } from "../../platform/errors.ts";

/** `httpPart` is `body`, `querystring`, `params` or `headers`. */
export const validatorCompiler: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart }) => {
  return (data: unknown) => {
    const result = schema.safeParse(data);
    if (result.success) return { value: result.data };
    return {
      error: invalid(
        result.error.issues.flatMap((issue) => fieldErrors(issue, [])),
        httpPart ?? "body",
      ),
    };
  };
};

/** Answers are built from typed values; checking them again at run time would cost time and help nobody. */
export const serializerCompiler = () => (value: unknown) => JSON.stringify(value);

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

function fieldErrors(issue: Issue, base: Path): FieldError[] {
  const path = [...base, ...issue.path];
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    return closestBranch(issue.errors).flatMap((inner) => fieldErrors(inner, path));
  }
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ pointer: pointer([...path, key]), code: "unknown", message: "Unknown field" }));
  }
  return [{ pointer: pointer(path), code: issue.code.replaceAll("_", "-"), message: issue.message }];
}

/** Of a union, the variant that the input was most likely meant to be: the one that knows its fields. */
function closestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] {
  const weight = (issues: readonly Issue[]) =>
    issues.reduce((sum, issue) => sum + (issue.code === "unrecognized_keys" ? 1 + issue.keys.length : 1), 0);
  return branches.reduce((best, next) => (weight(next) < weight(best) ? next : best));
}

/** RFC 6901; the empty string is the whole document. */
function pointer(path: Path): string {
  return path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

function invalid(errors: readonly FieldError[], httpPart: string) {
  const prefix = { body: "", querystring: "?", params: "URL " }[httpPart] ?? `${httpPart} `;
  const placed = errors.map((error) => ({
    ...error,
    pointer: httpPart === "body" ? error.pointer : prefix + error.pointer.slice(1),
  }));
  const [first] = placed;
  const rest = placed.length > 1 ? ` (and ${placed.length - 1} more)` : "";
  return appError("invalid-input", { detail: `${first?.pointer || "The body"}: ${first?.message}${rest}` }, placed);
}

/** No route takes anything near it; walking deeper would end on the stack. */
const MAX_DEPTH = 50;

/** Runs before validation. */
export async function refuseUnstorableText(request: FastifyRequest): Promise<void> {
  const parts = { body: request.body, querystring: request.query, params: request.params };
  for (const [httpPart, value] of Object.entries(parts)) {
    const errors = unstorable(value, []);
    if (errors.length > 0) throw invalid(errors, httpPart);
  }
}

function unstorable(value: unknown, path: Path): FieldError[] {
  if (path.length > MAX_DEPTH) {
    return [
      { pointer: pointer(path.slice(0, 3)), code: "too-deep", message: `Nested deeper than ${MAX_DEPTH} levels` },
    ];
  }
  if (typeof value === "string") {
    if (!value.includes("\0") && value.isWellFormed()) return [];
    return [{ pointer: pointer(path), code: "unstorable-text", message: "Holds a NUL or half a surrogate pair" }];
  }
  if (Array.isArray(value)) return value.flatMap((item, index) => unstorable(item, [...path, index]));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => [
    ...unstorable(key, [...path, key]),
    ...unstorable(item, [...path, key]),
  ]);
}
