/** What the unsubscribe pages show, by what became of the visit. */
import type { FastifyReply, FastifyRequest } from "fastify";

import { loadSettings } from "../settings/index.ts";
import type { Db } from "../../platform/db.ts";
import { chooseLanguage, html, sendPublicPage, type Html, type PageLanguage } from "../../platform/public-page.ts";
import { maskAddress } from "./mask-address.ts";
import { WORDS, type Words } from "./texts.ts";

export type Shown =
  | {
      readonly kind: "ask" | "done" | "already" | "back" | "stands";
      readonly address: string;
      readonly language: unknown;
      /** What it is about; null: all mail. */
      readonly service: string | null;
    }
  | { readonly kind: "inert" | "archive" | "unknown" };

export async function showPage(
  db: Db,
  request: FastifyRequest<{ Params: { token: string } }>,
  reply: FastifyReply,
  status: number,
  shown: Shown,
): Promise<FastifyReply> {
  const settings = await loadSettings(db);
  const own = "language" in shown ? shown.language : null;
  const language: PageLanguage = chooseLanguage(request.headers["accept-language"], own, settings.language);
  const words = WORDS[language];
  return sendPublicPage(reply, status, {
    language,
    title: words[shown.kind].title,
    organisation: settings.organisation,
    logoUrl: settings.logoUrl,
    body: body(words, shown, request.params.token),
  });
}

/** `token`: the last part of the page's own address. */
function body(words: Words, shown: Shown, token: string): Html {
  if (!("address" in shown)) return html`<p>${words[shown.kind].text}</p>`;
  const what = shown.service === null ? words.mail : html`<bdi>${shown.service}</bdi>`;
  const who = html`<bdi class="who">${maskAddress(shown.address)}</bdi>`;
  const text = html`<p>${words[shown.kind].text(who, what)}</p>`;
  const all =
    shown.service === null
      ? html``
      : html`<form method="post" action="${`${token}/all`}"><button class="quiet">${words.all}</button></form>`;
  switch (shown.kind) {
    case "ask":
      return html`${text}<form method="post"><button>${words.ask.button}</button></form>${all}`;
    case "done":
      return html`${text}<form method="post" action="${`${token}/undo`}"><p>${words.done.mistake}</p><button class="quiet">${words.done.button}</button></form>${all}`;
    case "already":
      return html`${text}${all}`;
    case "back":
    case "stands":
      return text;
  }
}
