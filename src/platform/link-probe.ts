/** What asks whether a link leads somewhere: the shape that the adapter fills and features use. */

export type LinkAnswer =
  /** Of what came last, after redirects. */
  | { readonly kind: "answered"; readonly status: number }
  | { readonly kind: "no-such-host"; readonly host: string }
  | { readonly kind: "not-asked"; readonly why: string };

/** Never rejects. With `stop` nobody waits for the answer any more. */
export type AskLink = (url: string, stop: AbortSignal) => Promise<LinkAnswer>;
