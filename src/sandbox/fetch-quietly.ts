/** One request as somebody makes it who does not care how it ends: no redirect is followed, the body is not looked at. */
import { type Agent, request } from "node:http";

import { type Duration, SECOND } from "../core/time.ts";

const TIMEOUT: Duration = 5 * SECOND;

export type QuietRequest = {
  readonly url: string;
  readonly agent: Agent;
  readonly userAgent: string;
  readonly cookie: string | null;
  /** To POST; null: it is a GET. */
  readonly form: string | null;
};

/** The cookie that the answer sets, else null; also when there is no answer. Never rejects. */
export function fetchQuietly({ url, agent, userAgent, cookie, form }: QuietRequest): Promise<string | null> {
  return new Promise((resolve) => {
    let set: string | null = null;
    const headers = {
      "user-agent": userAgent,
      accept: "*/*",
      ...(cookie === null ? {} : { cookie }),
      ...(form === null ? {} : { "content-type": "application/x-www-form-urlencoded" }),
    };
    const sent = request(url, { agent, headers, method: form === null ? "GET" : "POST", timeout: TIMEOUT });
    sent.on("response", (response) => {
      set = response.headers["set-cookie"]?.[0]?.split(";")[0] ?? null;
      response.on("error", () => {});
      response.resume();
    });
    sent.on("timeout", () => sent.destroy());
    sent.on("error", () => {});
    sent.on("close", () => resolve(set));
    sent.end(form ?? "");
  });
}
