/** Finds the tags of a Liquid source as the engine finds them, without reading what they say. */

export type TagMark = {
  readonly name: string;
  /** What follows the name, without blanks around it. */
  readonly args: string;
  readonly begin: number;
  readonly end: number;
  /** `{%-` and `-%}`. */
  readonly trimLeft: boolean;
  readonly trimRight: boolean;
};

const TAG_NAME = /^-?\s*(#|\w+)/;
/** The engine knows no `{%-` here. */
const END_RAW = /\{%\s*endraw(?![\w?-])/g;

/**
 * Every tag outside `raw` and `comment`, in order. An output ends at `}}` outside quotes, a tag at the first `%}`. What is
 * not closed ends the search: the engine says so better.
 */
export function* scanTags(source: string): Generator<TagMark> {
  let commented = false;
  for (let at = source.indexOf("{"); at >= 0; at = source.indexOf("{", at)) {
    const next = source.charAt(at + 1);
    if (next === "{") at = endOfOutput(source, at + 2);
    else if (next !== "%") at++;
    else {
      const end = source.indexOf("%}", at + 1) + 2;
      if (end < 2) return;
      const mark = readTag(source, at, end);
      at = mark.name === "raw" ? endOfRaw(source, end) : end;
      if (mark.name === "comment") commented = true;
      if (!commented) yield mark;
      if (mark.name === "endcomment") commented = false;
    }
    if (at < 0) return;
  }
}

function readTag(source: string, begin: number, end: number): TagMark {
  const inner = source.slice(begin + 2, Math.max(begin + 2, end - 2));
  const found = TAG_NAME.exec(inner);
  const trimLeft = inner.startsWith("-");
  const trimRight = inner.endsWith("-") && inner.length > 1;
  const args = inner.slice(found?.[0].length ?? 0, trimRight ? -1 : undefined).trim();
  return { name: found?.[1] ?? "", args, begin, end, trimLeft, trimRight };
}

/** Past the `}}`; -1 when there is none. */
function endOfOutput(source: string, from: number): number {
  let quote = "";
  for (let at = from; at < source.length; at++) {
    const char = source.charAt(at);
    if (quote !== "") {
      if (char === "\\") at++;
      else if (char === quote) quote = "";
    } else if (char === '"' || char === "'") quote = char;
    else if (char === "}" && source.charAt(at + 1) === "}") return at + 2;
  }
  return -1;
}

/** Before the tag `endraw`; -1 when there is none. */
function endOfRaw(source: string, from: number): number {
  END_RAW.lastIndex = from;
  return END_RAW.exec(source)?.index ?? -1;
}
