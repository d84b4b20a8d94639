/** The pages of services that strangers see. */
import type { FastifyReply, FastifyRequest } from "fastify";

import type { PlatformSettings } from "../../contract/index.ts";
import { chooseLanguage, html, type Html, sendPublicPage } from "../../platform/public-page.ts";
import { WORDS, type Words } from "./texts.ts";

export type Shown =
  | {
      readonly kind: "form";
      readonly service: string;
      readonly description: string;
      /** What was typed and is no address; empty: nothing was typed yet. */
      readonly typed: string;
    }
  | { readonly kind: "asked" | "taken"; readonly service: string }
  | {
      readonly kind: "confirm" | "subscribed";
      readonly service: string;
      readonly address: string;
      /** In which they asked. */
      readonly language: string | null;
    }
  | { readonly kind: "used" | "unknown" };

export function showPage(
  settings: Pick<PlatformSettings, "language" | "organisation" | "logoUrl">,
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  shown: Shown,
): FastifyReply {
  const own = "language" in shown ? shown.language : null;
  const language = chooseLanguage(request.headers["accept-language"], own, settings.language);
  const words = WORDS[language];
  return sendPublicPage(reply, status, {
    language,
    title: "service" in shown ? words[shown.kind].title(shown.service) : words[shown.kind].title,
    organisation: settings.organisation,
    logoUrl: settings.logoUrl,
    body: body(words, shown),
  });
}

function body(words: Words, shown: Shown): Html {
  switch (shown.kind) {
    case "form":
      return form(words.form, shown);
    case "asked":
    case "taken":
      return html`<p>${words[shown.kind].text}</p>`;
    case "confirm":
      return html`<p>${words.confirm.text(who(shown.address))}</p><form method="post"><button>${words.confirm.button}</button></form>`;
    case "subscribed":
      return html`<p>${words.subscribed.text(who(shown.address))}</p>`;
    case "used":
    case "unknown":
      return html`<p>${words[shown.kind].text}</p>`;
  }
}

const who = (address: string) => html`<bdi class="who">${address}</bdi>`;

/** The second field is a trap: people do not see it, and programs that read to them skip it. */
function form(words: Words["form"], shown: Extract<Shown, { kind: "form" }>): Html {
  const error = shown.typed === "" ? html`` : html`<p role="alert">${words.invalid}</p>`;
  const lines = shown.description.split(/\r?\n/).filter((line) => line.trim() !== "");
  return html`${lines.map((line) => html`<p>${line}</p>`)}${error}<form method="post"><p><label>${words.label} <input type="email" name="email" value="${shown.typed}" autocomplete="email" required maxlength="320"></label></p><p hidden><label>Website <input name="website" tabindex="-1" autocomplete="off"></label></p><button>${words.button}</button></form>`;
}
