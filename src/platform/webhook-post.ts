/** What sends a request to a webhook: the shape that the adapter fills and features use. */

export type WebhookRequest = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Hosts and networks that may be connected to besides public ones. */
  readonly allowed: readonly string[];
  /** Nobody waits for the answer any more. */
  readonly signal: AbortSignal;
};

export type PostResult = {
  /** Null: no answer, `error` says why. */
  readonly status: number | null;
  readonly error: string | null;
  readonly retryAfter: string | null;
  /** How the answer began. */
  readonly response: string;
  readonly durationMs: number;
};

/** Never rejects. */
export type WebhookPost = (wish: WebhookRequest) => Promise<PostResult>;
