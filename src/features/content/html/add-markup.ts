/** Adds what belongs to no author: the image that counts opens, the link that only programs follow. */
import { mapLiquid } from "./liquid-map.ts";
import { tokenise } from "./tokenise.ts";

const PIXEL = '<img src="{{ message.open_url }}" width="1" height="1" alt="" border="0" style="display:block">';
const HIDDEN = "display:none;mso-hide:all;font-size:0;line-height:0;max-height:0;max-width:0;overflow:hidden";

/** Shows itself to nobody; loading it counts as an open. */
export function addOpenPixel(html: string): string {
  return addAtEnd(html, PIXEL);
}

/** A link that people neither see nor reach with the keyboard nor hear. */
export function addHoneypot(html: string, number: number): string {
  const link = `<a href="{% link ${number} %}" tabindex="-1" rel="nofollow" style="display:none"></a>`;
  return addAtEnd(html, `<div aria-hidden="true" style="${HIDDEN}">${link}</div>`);
}

/** Before the last end of the body; at the very end where there is none that every recipient gets. */
function addAtEnd(html: string, markup: string): string {
  const liquid = mapLiquid(html);
  const end = tokenise(html, liquid).findLast((token) => token.kind === "end" && token.name === "body");
  const at = end && liquid.branchAt(end.start) === 0 ? end.start : html.length;
  return html.slice(0, at) + markup + html.slice(at);
}
