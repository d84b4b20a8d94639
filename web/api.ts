/**
 * The one place that speaks HTTP. Answers are the contract's shapes; every refusal becomes an `ApiProblem` (RFC 9457),
 * also when the server could not be reached or something else than JSON came back.
 */
import type { Problem } from "../src/contract/index.ts";

const BASE = "/api/v1";

export class ApiProblem extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail || problem.title);
    this.name = "ApiProblem";
    this.problem = problem;
  }
}

export const apiUrl = (path: string): string => BASE + path;

/** `{a: 1, b: undefined}` → `?a=1`. */
export function query(parameters: Record<string, string | number | undefined | null>): string {
  const pairs = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== null && value !== "") pairs.set(name, String(value));
  }
  return pairs.size === 0 ? "" : `?${pairs.toString()}`;
}

/** Not crypto.randomUUID: that one exists only in secure contexts, and many run this over plain HTTP in their own network. */
function idempotencyKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function unreachable(): ApiProblem {
  // The words for this code are in the catalogue (`problem.no-connection`): no server said them.
  return new ApiProblem({ type: "about:blank", title: "", status: 0, detail: "", code: "no-connection" });
}

function problemFrom(status: number, text: string): ApiProblem {
  try {
    const body = JSON.parse(text) as Partial<Problem>;
    if (typeof body.title === "string") {
      return new ApiProblem({ type: "about:blank", detail: "", code: "unknown", ...body, title: body.title, status });
    }
  } catch {
    // not JSON: a proxy's page, or nothing at all; the status is all that is known
  }
  return new ApiProblem({
    type: "about:blank",
    title: `HTTP ${status}`,
    status,
    detail: text.slice(0, 300),
    code: "unknown",
  });
}

export async function call(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  const sent: Record<string, string> = { accept: "application/json", ...headers };
  const init: RequestInit = { method, headers: sent, credentials: "same-origin" };
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    sent["content-type"] = "application/json";
  }
  let response: Response;
  try {
    response = await fetch(apiUrl(path), init);
  } catch {
    throw unreachable();
  }
  if (!response.ok) throw problemFrom(response.status, await response.text());
  return response;
}

const json = async <T>(response: Promise<Response>): Promise<T> => (await response).json() as Promise<T>;

export const get = <T>(path: string): Promise<T> => json<T>(call("GET", path));

export const post = <T>(path: string, body?: unknown): Promise<T> =>
  json<T>(call("POST", path, body, { "idempotency-key": idempotencyKey() }));

/** For acts that answer with nothing (204). */
export const act = async (path: string, body?: unknown): Promise<void> =>
  void (await call("POST", path, body, { "idempotency-key": idempotencyKey() }));

export type TextAnswer = { text: string; headers: Headers };

/** For answers that are not JSON, and say something in their headers too. */
export async function getText(path: string): Promise<TextAnswer> {
  const response = await call("GET", path, undefined, { accept: "*/*" });
  return { text: await response.text(), headers: response.headers };
}

/** The first `most` bytes of a text that may be many megabytes: no more than that is fetched. `whole`: it was all. */
export async function getBeginning(path: string, most: number): Promise<{ text: string; whole: boolean }> {
  const { body } = await call("GET", path, undefined, { accept: "*/*" });
  const reader = body?.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (let read = 0; reader !== undefined; ) {
    const { done, value } = await reader.read();
    if (done) break;
    const room = most - read;
    text += decoder.decode(value.subarray(0, room), { stream: true });
    read += value.length;
    if (read <= most) continue;
    await reader.cancel();
    return { text, whole: false };
  }
  return { text: text + decoder.decode(), whole: true };
}

const ifMatch = (version: number) => ({ "if-match": `"${version}"` });

/** `version` of what is replaced; null for what must not exist yet. */
export const put = <T>(path: string, version: number | null, body: unknown): Promise<T> =>
  json<T>(call("PUT", path, body, version === null ? { "if-none-match": "*" } : ifMatch(version)));

/** `version` null: of what has none. */
export const remove = async (path: string, version: number | null): Promise<void> =>
  void (await call("DELETE", path, undefined, version === null ? {} : ifMatch(version)));

export const patch = <T>(path: string, version: number, body: unknown): Promise<T> =>
  json<T>(call("PATCH", path, body, ifMatch(version)));

type Credentials = { token: string } | { login: string; password: string; code?: string };

export const signIn = async (credentials: Credentials): Promise<void> =>
  void (await call("POST", "/session", credentials));

/** After the identity provider, for whom a code is asked besides; the page to go to. */
export const sendProviderCode = async (code: string): Promise<string> => {
  const answer = (await (await call("POST", "/session/oidc/code", { code })).json()) as { to: string };
  return answer.to;
};

export const choosePassword = async (invitation: string, password: string): Promise<void> =>
  void (await call("POST", "/session/password", { invitation, password }));

/** Where the browser goes on to sign out at the identity provider, too; null: that was all. */
export const signOut = async (): Promise<string | null> => {
  const answer = await call("DELETE", "/session");
  return answer.status === 200 ? ((await answer.json()) as { to: string }).to : null;
};

/** XMLHttpRequest, because fetch cannot tell how much of an upload has left. */
/** `options`: what is said about the file. */
export function upload<T>(
  path: string,
  file: File,
  onProgress: (share: number) => void,
  options?: unknown,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", apiUrl(path));
    request.setRequestHeader("idempotency-key", idempotencyKey());
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onerror = () => reject(unreachable());
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(JSON.parse(request.responseText) as T);
      else reject(problemFrom(request.status, request.responseText));
    };
    const form = new FormData();
    if (options !== undefined) form.append("options", JSON.stringify(options));
    form.append("file", file);
    request.send(form);
  });
}
