/** Parts a campaign source into text and the four kinds of marks: `<%= value %>`, `<% code %>`, `<%@ directive %>`, comments. */

export type Section = {
  readonly kind: "text" | "value" | "code" | "directive" | "unclosed";
  /** Without its marks. */
  readonly text: string;
  /** Offsets in the source: of the mark, or of the text, and of what is inside. */
  readonly begin: number;
  readonly inside: number;
};

/** A mark ends at the first `%>`, also inside quotes, as in the incumbent. Comments come out as nothing. */
export function* readSections(source: string): Generator<Section> {
  let at = 0;
  while (at < source.length) {
    const open = source.indexOf("<%", at);
    const text = source.slice(at, open < 0 ? undefined : open);
    if (text !== "") yield { kind: "text", text, begin: at, inside: at };
    if (open < 0) return;
    const comment = source.startsWith("<%--", open);
    const close = source.indexOf(comment ? "--%>" : "%>", open + (comment ? 4 : 2));
    if (close < 0) {
      yield { kind: "unclosed", text: "", begin: open, inside: open };
      return;
    }
    const sign = source.charAt(open + 2);
    if (!comment && sign !== "#") {
      const kind = sign === "=" ? "value" : sign === "@" ? "directive" : "code";
      const inside = open + (kind === "code" ? 2 : 3);
      // `<%=%>` has nothing inside
      yield { kind, text: source.slice(inside, Math.max(inside, close)), begin: open, inside };
    }
    at = close + (comment ? 4 : 2);
  }
}
