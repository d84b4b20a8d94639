/** Resolves on the first Ctrl-C or SIGTERM; a second Ctrl-C ends the process at once. */
export function untilInterrupted(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    const onSignal = () => {
      if (asked) process.exit(130);
      asked = true;
      process.stderr.write("\nending; messages on the wire will finish (Ctrl-C again: at once)\n");
      resolve();
    };
    process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  });
}
