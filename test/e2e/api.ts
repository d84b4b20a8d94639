/** A client of a running `envoi start`. */
import type { Run } from "./envoi.ts";

export const TOKEN = "envoi_end-to-end";

export type Api = {
  get<T>(path: string): Promise<T>;
  /** The answer's body; throws unless 2xx. */
  post<T>(path: string, body?: unknown): Promise<T>;
  readonly url: string;
};

/** Once the process says that it is ready. */
export async function apiOf(run: Run): Promise<Api> {
  const [, url = ""] = await run.says(/Envoi is ready: (http:\/\/[^\s/#]+)/);
  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${TOKEN}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text) as T;
  };
  return { url, get: (path) => call("GET", path), post: (path, body) => call("POST", path, body) };
}
