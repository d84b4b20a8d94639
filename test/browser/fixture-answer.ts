/** One request and one answer of the stand-in, and the forms that answers have. */
import type { IncomingMessage } from "node:http";

import type { Page } from "../../src/contract/index.ts";

export type Call = { method: string; path: string; query: URLSearchParams; body: string; request: IncomingMessage };
export type Answer = { status: number; body?: unknown; text?: string; headers?: Record<string, string> };

export const ok = (body: unknown, status = 200): Answer => ({ status, body });

export const problem = (status: number, code: string, title: string, detail: string, errors?: unknown[]): Answer => ({
  status,
  body: { type: `/problems/${code}`, title, status, detail, code, errors },
  headers: { "content-type": "application/problem+json" },
});

export function page<T>(all: readonly T[], query: URLSearchParams): Answer {
  const from = Number(query.get("cursor") ?? 0);
  const to = from + Number(query.get("limit") ?? 100);
  const body: Page<T> = { data: all.slice(from, to), nextCursor: to < all.length ? String(to) : null };
  return ok(body);
}
