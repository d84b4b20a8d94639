/** The public addresses of one message: what its links, pixel, pages and bounces are recognised by. */

export type MessageUrls = {
  /** Of a tracked link; `url` is its rendered URL when it is personalised, else null. */
  click(link: number, url: string | null): string;
  /** Of the open pixel. */
  open(): string;
  mirror(): string;
  /** GET shows a page, POST acts (RFC 8058). */
  unsubscribe(): string;
  /** Lower-case letters and digits, 32 at most: finds the message again in a return path or a Message-ID. */
  tag(): string;
};
