/**
 * The frame of the pages that recipients see (unsubscribe, expired, not found): HTML made on the server, no script, nothing
 * loaded but the organisation's logo, light and dark.
 */
import type { FastifyInstance, FastifyReply } from "fastify";
import { createHash } from "node:crypto";

import { asDatabaseError, isTransientDbError } from "./db.ts";
import { AppError } from "./errors.ts";
import type { Log } from "./log.ts";

/** Markup that is safe to send; only `html` makes it. */
class Html {
  readonly markup: string;
  constructor(markup: string) {
    this.markup = markup;
  }
}
export type { Html };

type HtmlValue = string | number | Html | readonly Html[];

/** Markup from a template: every value is escaped, unless it is markup already. Attributes must be written in quotes. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(strings.map((text, i) => text + (i < values.length ? toMarkup(values[i] ?? "") : "")).join(""));
}

function toMarkup(value: HtmlValue): string {
  if (value instanceof Html) return value.markup;
  if (typeof value === "object") return value.map((each) => each.markup).join("");
  return String(value).replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

export type PageLanguage = "en" | "fr" | "es";

/** The visitor's own choice (RFC 9110 §12.5.4), then the first fallback that names a language we speak (`fr`, `fr-CA`, `FR_ca`). */
export function chooseLanguage(acceptLanguage: string | undefined, ...fallbacks: readonly unknown[]): PageLanguage {
  const asked = (acceptLanguage ?? "").slice(0, 500).split(",").map(readRange);
  const best = asked.reduce((first, next) => (next.weight > first.weight ? next : first), {
    weight: 0,
    language: null,
  });
  return best.language ?? fallbacks.map(speak).find((language) => language !== null) ?? "en";
}

type Range = { readonly weight: number; readonly language: PageLanguage | null };

function readRange(text: string): Range {
  const [tag = "", ...params] = text.split(";");
  const language = speak(tag.trim());
  if (language === null) return { weight: 0, language };
  const weight = params.map((param) => /^\s*q=([01](?:\.\d{0,3})?)\s*$/i.exec(param)?.[1]).find((q) => q !== undefined);
  return { weight: Number(weight ?? 1), language };
}

function speak(tag: unknown): PageLanguage | null {
  const found = typeof tag === "string" ? /^\s*(en|fr|es)(?![a-z])/i.exec(tag)?.[1]?.toLowerCase() : undefined;
  return (found as PageLanguage | undefined) ?? null;
}

/** On everything that is public: not found by search engines, not kept, its address told to nobody. */
export const PUBLIC_HEADERS = {
  "x-robots-tag": "noindex, nofollow",
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
} as const;

export type PublicPage = {
  readonly language: PageLanguage;
  readonly title: string;
  /** Empty: not known. */
  readonly organisation: string;
  /** Empty: none. */
  readonly logoUrl: string;
  /** What follows the heading. */
  readonly body: Html;
};

export function sendPublicPage(reply: FastifyReply, status: number, page: PublicPage): FastifyReply {
  const policy = [
    "default-src 'none'",
    `style-src '${STYLE_HASH}'`,
    ...originOf(page.logoUrl).map((origin) => `img-src ${origin}`),
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  return reply
    .code(status)
    .headers({ ...PUBLIC_HEADERS, "content-security-policy": policy.join("; "), "content-language": page.language })
    .type("text/html; charset=utf-8")
    .send(frame(page).markup);
}

/** Only what `URL` made goes into the header. */
function originOf(url: string): string[] {
  return /^https?:/i.test(url) && URL.canParse(url) ? [new URL(url).origin] : [];
}

function frame({ language, title, organisation, logoUrl, body }: PublicPage): Html {
  const brand = organisation === "" ? html`` : html`<p class="name">${organisation}</p>`;
  const head = originOf(logoUrl).length === 0 ? brand : html`<img src="${logoUrl}" alt="${organisation}" class="logo">`;
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<meta name="color-scheme" content="light dark">
<title>${organisation === "" ? title : `${title} · ${organisation}`}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<header>${head}</header>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`;
}

const STYLE = `
:root { color-scheme: light dark; --ground: #f5f6f8; --paper: #fff; --line: #dfe3e8; --ink: #14181d; --soft: #38414b; --edge: #868f9a; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #101316; --paper: #181c21; --line: #2c333b; --ink: #e9ecef; --soft: #c6cdd4; --edge: #6c7783; }
  .logo { background: #fff; border-radius: 6px; padding: 8px; }
}
* { box-sizing: border-box; }
body {
  margin: 0; padding: clamp(24px, 9vh, 96px) 16px 32px; background: var(--ground); color: var(--ink);
  font: 17px/1.5 -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif;
}
header, main { max-width: 480px; margin: 0 auto; }
header:empty { display: none; }
.logo { display: block; max-width: 240px; max-height: 96px; margin: 0 auto 24px; }
.name { margin: 0 0 20px; text-align: center; font-weight: 600; overflow-wrap: anywhere; }
main { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 32px; overflow-wrap: anywhere; }
h1 { margin: 0 0 12px; font-size: 24px; line-height: 1.25; }
p { margin: 0 0 16px; color: var(--soft); }
main > :last-child { margin-bottom: 0; }
.who { color: var(--ink); font-weight: 600; }
form { margin: 24px 0 0; }
button {
  width: 100%; min-height: 48px; padding: 10px 20px; border: 1px solid transparent; border-radius: 8px; cursor: pointer;
  background: var(--ink); color: var(--paper); font: inherit; font-weight: 600;
}
button.quiet { background: transparent; color: var(--ink); border-color: var(--edge); font-weight: 400; }
button:hover { opacity: 0.88; }
button:focus-visible { outline: 3px solid #2e70c4; outline-offset: 2px; }
@media (max-width: 520px) { main { padding: 24px 20px; } }
`;

const STYLE_HASH = `sha256-${createHash("sha256").update(STYLE).digest("base64")}`;

/** Title and sentence of what can go wrong on any public page. */
const TROUBLE = {
  en: {
    refused: [
      "This link cannot be read",
      "It may have been cut or altered on its way. Please use the complete link from the message.",
    ],
    large: ["Too much was sent", "This page takes only a short form. Nothing was changed."],
    away: ["Not available for a moment", "Please try again in a minute. Trying twice does no harm."],
    bug: ["Something went wrong", "It is our fault, not yours. Please try again later."],
  },
  fr: {
    refused: ["Ce lien est illisible", "Il a peut-être été coupé ou modifié. Utilisez le lien complet du message."],
    large: ["Envoi trop volumineux", "Cette page n’accepte qu’un court formulaire. Rien n’a été modifié."],
    away: ["Momentanément indisponible", "Réessayez dans une minute. Essayer deux fois est sans conséquence."],
    bug: ["Une erreur est survenue", "Elle vient de nous, pas de vous. Réessayez plus tard."],
  },
  es: {
    refused: [
      "Este enlace no se puede leer",
      "Puede que se haya cortado o modificado. Use el enlace completo del mensaje.",
    ],
    large: ["Envío demasiado grande", "Esta página solo acepta un formulario corto. No se ha cambiado nada."],
    away: [
      "No disponible por un momento",
      "Inténtelo de nuevo dentro de un minuto. Probar dos veces no tiene consecuencias.",
    ],
    bug: ["Algo ha fallado", "Es culpa nuestra, no suya. Inténtelo más tarde."],
  },
} as const satisfies Record<PageLanguage, Record<string, readonly [string, string]>>;

/** In this scope every error is told as a page. The organisation is left out: the database that knows it may be what is away. */
export function answerErrorsAsPages(scope: FastifyInstance, log: Log): void {
  scope.setErrorHandler(async (error: Error & { statusCode?: number }, request, reply) => {
    const status = statusOf(error);
    if (status >= 500) {
      log.error(
        { err: error, requestId: request.id, method: request.method, route: request.routeOptions.url },
        "public page failed",
      );
    }
    if (status === 503) reply.header("retry-after", "60");
    const trouble = status === 503 ? "away" : status === 413 ? "large" : status < 500 ? "refused" : "bug";
    const language = chooseLanguage(request.headers["accept-language"]);
    const [title, text] = TROUBLE[language][trouble];
    return sendPublicPage(reply, status, {
      language,
      title,
      organisation: "",
      logoUrl: "",
      body: html`<p>${text}</p>`,
    });
  });
}

function statusOf(error: Error & { statusCode?: number }): number {
  const known = asDatabaseError(error);
  if (known instanceof AppError) return known.status;
  if (isTransientDbError(error)) return 503;
  const status = error.statusCode ?? 500;
  return status >= 400 && status < 500 ? status : 500;
}
