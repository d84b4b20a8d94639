/** Lines and message bodies out of a socket's byte stream, for the receiving server of end-to-end tests. */
import type { Socket } from "node:net";

export type CommandReader = {
  /** The next line without CRLF; null at the end of the connection. */
  line(): Promise<string | null>;
  /** A message up to its final dot, dots unstuffed, ending in CRLF; null at the end of the connection. */
  body(): Promise<string | null>;
  /** Resolves when there is anything to read, or never will be. */
  some(): Promise<void>;
  isEnded(): boolean;
};

export function readCommands(socket: Socket): CommandReader {
  let chunks: string[] = [];
  let text = "";
  let ended = socket.destroyed;
  let wake = () => {};
  socket.on("data", (chunk: Buffer) => {
    chunks.push(chunk.toString("latin1"));
    wake();
  });
  for (const event of ["end", "close"] as const) {
    socket.on(event, () => {
      ended = true;
      wake();
    });
  }
  /** Up to and with `end`; `from` is where looking begins. */
  const upTo = async (end: string): Promise<string | null> => {
    let from = 0;
    for (;;) {
      if (chunks.length > 0) {
        text += chunks.join("");
        chunks = [];
      }
      const at = text.indexOf(end, from);
      if (at >= 0) {
        const found = text.slice(0, at + end.length);
        text = text.slice(at + end.length);
        return found;
      }
      if (ended && chunks.length === 0) return null;
      from = Math.max(0, text.length - end.length);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return {
    line: async () => (await upTo("\r\n"))?.slice(0, -2) ?? null,
    body: async () => {
      // An empty message is the dot alone: put the line end of DATA back in front.
      text = `\r\n${text}`;
      const found = await upTo("\r\n.\r\n");
      return found === null ? null : found.slice(2, -3).replaceAll("\r\n..", "\r\n.");
    },
    some: async () => {
      if (text !== "" || chunks.length > 0 || ended) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    },
    isEnded: () => ended,
  };
}
