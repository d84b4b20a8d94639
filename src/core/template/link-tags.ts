/**
 * The tags of prepared sources: `{% link 3 %}` is the tracked address of link 3, `{% tracked 4 %}…{% endtracked %}` that of
 * a personalised link whose own address is rendered in between. Operators may write neither.
 */
import {
  type Context,
  type Emitter,
  type Liquid,
  Parser,
  Tag,
  type TagToken,
  type Template,
  type TopLevelToken,
} from "liquidjs";

import { escapeHtml } from "./print-value.ts";

export type ClickUrl = (link: number, url: string | null) => string;

/** Where a context keeps `clickUrl`: no template can name a symbol. */
export const CLICK_URL = Symbol("clickUrl");

const LINK_NUMBER = /^[1-9]\d{0,5}\s*$/;

export abstract class InternalTag extends Tag {
  readonly link: number;
  constructor(token: TagToken, remaining: TopLevelToken[], liquid: Liquid) {
    super(token, remaining, liquid);
    if (!LINK_NUMBER.test(token.args)) throw new Error(`the tag "${token.name}" needs the number of a link`);
    this.link = Number(token.args);
  }
}

export abstract class LinkTag extends InternalTag {
  abstract readonly html: boolean;
  override render(context: Context, emitter: Emitter): void {
    emitter.write(staticLink(this.html, this.link, clickUrlOf(context)));
  }
}

export abstract class TrackedTag extends InternalTag {
  abstract readonly html: boolean;
  /** Parsed without escaping: what they give is an address, not HTML yet. */
  readonly body: Template[] = [];
  constructor(token: TagToken, remaining: TopLevelToken[], liquid: Liquid, bodyLiquid: Liquid) {
    super(token, remaining, liquid);
    const parser = new Parser(bodyLiquid);
    for (let next = remaining.shift(); next !== undefined; next = remaining.shift()) {
      if ("name" in next && next.name === "endtracked") return;
      this.body.push(parser.parseToken(next, remaining));
    }
    throw new Error(`tag ${token.getText()} not closed`);
  }
  // oxlint-disable-next-line require-yield -- the library asks for a generator
  *children(): Generator<unknown, Template[]> {
    return this.body;
  }
  override *render(context: Context, emitter: Emitter): Generator<unknown, void, unknown> {
    const url = yield this.liquid.renderer.renderTemplates(this.body, context);
    emitter.write(personalisedLink(this.html, this.link, String(url), clickUrlOf(context)));
  }
}

function clickUrlOf(context: Context): ClickUrl {
  return (context.environments as { [CLICK_URL]: ClickUrl })[CLICK_URL];
}

/** `bodyLiquid` parses what is inside `tracked`. */
export function registerLinkTags(liquid: Liquid, html: boolean, bodyLiquid: Liquid): void {
  liquid.registerTag(
    "link",
    class extends LinkTag {
      readonly html = html;
    },
  );
  liquid.registerTag(
    "tracked",
    class extends TrackedTag {
      readonly html = html;
      constructor(token: TagToken, remaining: TopLevelToken[], self: Liquid) {
        super(token, remaining, self, bodyLiquid);
      }
    },
  );
}

export function staticLink(html: boolean, link: number, clickUrl: ClickUrl): string {
  const url = clickUrl(link, null);
  return html ? escapeHtml(url) : url;
}

/** Addresses of the web are tracked, those of mail and telephone stay; any other scheme, `javascript:` above all, is dropped. */
export function personalisedLink(html: boolean, link: number, rendered: string, clickUrl: ClickUrl): string {
  const url = cleanUrl(rendered);
  let target = html ? "#" : "";
  if (/^https?:\/\/[^/?#]/i.test(url)) target = clickUrl(link, url);
  else if (/^(mailto|tel|sms):/i.test(url)) target = url;
  return html ? escapeHtml(target) : target;
}

/** As browsers read an address (WHATWG URL §4.4): no blanks around it, no tab or line end inside; what is not printable ASCII percent-encoded. */
function cleanUrl(rendered: string): string {
  if (!/[^\x21-\x7e]/.test(rendered)) return rendered;
  const url = rendered.replace(/[\t\n\r]+/g, "").trim();
  return url.toWellFormed().replace(/[^\x21-\x7e]+/g, encodeURIComponent);
}
