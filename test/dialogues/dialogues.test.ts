import { describe, expect, test } from "vitest";

import { loadDialogues } from "./dialogue.ts";
import { playPure } from "./play-pure.ts";
import { playSocket } from "./play-socket.ts";

const dialogues = loadDialogues();

describe.each(dialogues.map((dialogue) => [dialogue.name, dialogue] as const))("%s", (_, dialogue) => {
  const lines = dialogue.lines.map(({ text }) => text);

  test("as a state machine", () => {
    expect(playPure(dialogue)).toEqual(lines);
  });

  test("with every byte of the server on its own", () => {
    expect(playPure(dialogue, (bytes) => bytes.split(""))).toEqual(lines);
  });

  test("over a socket", async () => {
    const { outcomes, journaled } = await playSocket(dialogue);
    expect(outcomes).toEqual(lines.filter((line) => line.startsWith("=>")));
    expect(journaled).toEqual(lines.filter((line) => /^C[-+] body /.test(line)).map((line) => line.slice(8)));
  });
});
