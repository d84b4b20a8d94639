/**
 * The public addresses in the body of a message: only those below one base are found, so that a reader never asks anybody else
 * whatever a message says.
 */

export type MailLinks = {
  readonly pixel: string | null;
  readonly mirror: string | null;
  readonly unsubscribe: string | null;
  /** Links that can be seen, each once, in order of appearance. */
  readonly visible: readonly string[];
  /** Everything that a program would find to follow, hidden links and pages too. */
  readonly all: readonly string[];
};

/** More than any campaign has; what follows is not read. */
const MAX_LINKS = 200;
/** UTF-16 units: how far before a link its tag may begin. */
const MAX_TAG = 4_000;

/** `base` without a slash at its end; `body` is HTML or plain text. */
export function findMailLinks(body: string, base: string): MailLinks {
  const token = /([romu])\/[A-Za-z0-9_-]+/y;
  const found: { url: string; kind: string; hidden: boolean }[] = [];
  const start = `${base}/`;
  for (let at = body.indexOf(start); at >= 0 && found.length < MAX_LINKS; at = body.indexOf(start, at + 1)) {
    token.lastIndex = at + start.length;
    const match = token.exec(body);
    if (match) found.push({ url: start + match[0], kind: match[1] ?? "", hidden: isHidden(body, at) });
  }
  const first = (kind: string) => found.find((link) => link.kind === kind)?.url ?? null;
  const urls = (list: typeof found) => [...new Set(list.map(({ url }) => url))];
  return {
    pixel: first("o"),
    mirror: first("m"),
    unsubscribe: first("u"),
    visible: urls(found.filter(({ kind, hidden }) => kind === "r" && !hidden)),
    all: urls(found.filter(({ kind }) => kind !== "o")),
  };
}

/** Whether the tag around this place hides itself; people do not follow what they cannot see. */
function isHidden(body: string, at: number): boolean {
  const before = body.slice(Math.max(0, at - MAX_TAG), at);
  const open = before.lastIndexOf("<");
  if (open < 0 || open < before.lastIndexOf(">")) return false;
  const rest = body.slice(at, at + MAX_TAG);
  const close = rest.indexOf(">");
  return /display\s*:\s*none/i.test(before.slice(open) + (close < 0 ? rest : rest.slice(0, close)));
}
