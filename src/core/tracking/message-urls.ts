/** The public addresses of one message: what its links, pixel, pages and bounces are recognised by. */
import { toByteString } from "../message/utf8.ts";
import { MAX_URL_BYTES, mintTag, mintToken, type TokenKey, type TokenKind, type TokenMark } from "./token.ts";

export type MessageUrls = {
  /**
   * Of a tracked link; `url` is its rendered URL when it is personalised, else null. One beyond `MAX_URL_BYTES` comes back as
   * it is, uncounted: its token might be cut on the way.
   */
  click(link: number, url: string | null): string;
  /** Of the open pixel. */
  open(): string;
  mirror(): string;
  /** GET shows a page, POST acts (RFC 8058). */
  unsubscribe(): string;
  /** Lower-case letters and digits, 32 at most: finds the message again in a return path or a Message-ID; the same in its copies. */
  tag(): string;
  /** For the mailbox that takes wishes to unsubscribe; from a copy they are nobody's. */
  unsubscribeTag(): string;
};

export type MessageUrlOptions = {
  /** Of all public URLs, without a slash at its end. */
  readonly base: string;
  readonly key: TokenKey;
  readonly deliveryId: number;
  readonly partId: number;
  readonly seq: number;
  readonly mark: TokenMark;
};

/** Nothing is computed before it is asked for, and once: HTML, text and header have the same addresses. */
export function messageUrls({ base, key, deliveryId, partId, seq, mark }: MessageUrlOptions): MessageUrls {
  const page = (path: string, kind: TokenKind, link: number, url: string | null) =>
    `${base}/${path}/${mintToken(key, { kind, deliveryId, partId, seq, link, url, mark })}`;
  const links: string[] = [];
  let open: string | undefined;
  let mirror: string | undefined;
  let unsubscribe: string | undefined;
  let tag: string | undefined;
  const tagOnce = () => (tag ??= mintTag(key, { partId, seq }));
  return {
    click: (link, url) => {
      if (url === null) return (links[link] ??= page("r", "click", link, null));
      return toByteString(url).length > MAX_URL_BYTES ? url : page("r", "click", link, url);
    },
    open: () => (open ??= page("o", "open", 0, null)),
    mirror: () => (mirror ??= page("m", "mirror", 0, null)),
    unsubscribe: () => (unsubscribe ??= page("u", "unsubscribe", 0, null)),
    tag: tagOnce,
    unsubscribeTag: () => (mark === "copy" ? mintTag(key, { partId, seq }, 0) : tagOnce()),
  };
}
