/**
 * A new access token for a refresh token (RFC 6749 §6). The endpoint is an operator's word: it is asked over TLS, unless it is on this
 * machine, its redirects are not followed, and its answer has a bound.
 */
import { z } from "zod";

import { isLoopback } from "../../core/address/is-loopback.ts";
import { SECOND } from "../../core/time.ts";
import { errorText } from "../../platform/errors.ts";
import { MailboxError, type NewToken, type RenewToken, type TokenRequest } from "../../platform/mailbox.ts";

const PATIENCE_MS = 30 * SECOND;
const ANSWER_MAX = 256 * 1024;
/** Seconds, where the answer does not say (RFC 6749 §5.1 only recommends that it does): shorter than any provider's. */
const SHORTEST = 300;

const tokenSchema = z.object({
  access_token: z.string().min(1).max(20_000),
  expires_in: z.coerce.number().positive().max(1e9).optional().catch(undefined),
  refresh_token: z.string().min(1).max(20_000).optional().catch(undefined),
});

const refusalSchema = z.object({
  error: z.string().max(200),
  error_description: z.string().optional().catch(undefined),
});

export const renewToken: RenewToken = async (request, signal) => {
  const url = new URL(request.tokenUrl);
  if (url.protocol !== "https:" && !isLoopback(url.hostname)) {
    throw new MailboxError("tls", "tokens are asked for over https only");
  }
  const { status, text } = await post(url, formOf(request), signal);
  const answer = parseJson(text);
  const token = tokenSchema.safeParse(answer);
  if (status === 200 && token.success) return toToken(token.data);
  const refusal = refusalSchema.safeParse(answer);
  const said = refusal.success
    ? `${refusal.data.error} ${refusal.data.error_description ?? ""}`.trim()
    : `status ${status}, and no token in its answer`;
  // RFC 6749 §5.2: 400 and 401 say that what was given will never do
  const problem = refusal.success && (status === 400 || status === 401) ? "login" : "refused";
  throw new MailboxError(problem, `${url.host} gives no access token: ${hide(said, request).slice(0, 500)}`);
};

function formOf({ clientId, clientSecret, refreshToken, scope }: TokenRequest): URLSearchParams {
  return new URLSearchParams({
    grant_type: "refresh_token",
    refresh_token: refreshToken,
    client_id: clientId,
    ...(clientSecret === null ? {} : { client_secret: clientSecret }),
    ...(scope === null ? {} : { scope }),
  });
}

async function post(url: URL, body: URLSearchParams, signal?: AbortSignal): Promise<{ status: number; text: string }> {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  try {
    const response = await fetch(url, {
      method: "POST",
      body,
      headers: { accept: "application/json" },
      redirect: "error",
      signal: signal ? AbortSignal.any([signal, patience]) : patience,
    });
    return { status: response.status, text: await readText(response) };
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? `: ${errorText(error.cause)}` : "";
    const detail = patience.aborted ? `no answer within ${PATIENCE_MS / SECOND} s` : errorText(error) + cause;
    throw new MailboxError(signal?.aborted ? "stopped" : "unreachable", `${url.host}: ${detail}`, { cause: error });
  }
}

async function readText({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > ANSWER_MAX) throw new Error(`the answer is larger than ${ANSWER_MAX / 1024} KB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function toToken({
  access_token: accessToken,
  expires_in: expiresIn,
  refresh_token: fresh,
}: z.infer<typeof tokenSchema>): NewToken {
  return { accessToken, expiresIn: expiresIn ?? SHORTEST, refreshToken: fresh ?? null };
}

function hide(text: string, { refreshToken, clientSecret }: TokenRequest): string {
  const hidden = text.replaceAll(refreshToken, "***");
  return clientSecret === null ? hidden : hidden.replaceAll(clientSecret, "***");
}
