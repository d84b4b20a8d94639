/** One line of progress on stderr: rewritten in place on a terminal, now and then elsewhere. */
const QUIET_EVERY_MS = 5000;
const TERMINAL_EVERY_MS = 200;

export type Progress = {
  show(text: string): void;
  /** The last word on this matter, always shown, on a line of its own. */
  end(text: string): void;
};

export function createProgress(): Progress {
  const terminal = process.stderr.isTTY;
  let shownAt = Number.NEGATIVE_INFINITY;
  let shown = "";
  return {
    show: (text) => {
      const now = performance.now();
      if (now - shownAt < (terminal ? TERMINAL_EVERY_MS : QUIET_EVERY_MS)) return;
      if (text === shown) return;
      shownAt = now;
      shown = text;
      process.stderr.write(terminal ? `\r\x1b[K${text}` : `${text}\n`);
    },
    end: (text) => process.stderr.write(terminal ? `\r\x1b[K${text}\n` : `${text}\n`),
  };
}
