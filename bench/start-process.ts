/** A helper process of a benchmark: takes an order, says that it is ready, starts when told and says when it is done. */
import { fork } from "node:child_process";

export type Helper = {
  readonly pid: number;
  /** Tells it to start. */
  go(): void;
  /** Resolves when it said that it is done. */
  done(): Promise<void>;
  stop(): Promise<void>;
};

export async function startProcess(entry: URL, order: object): Promise<Helper> {
  const child = fork(entry, { execArgv: ["--disable-warning=ExperimentalWarning"] });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const said = (word: string) =>
    new Promise<void>((resolve, reject) => {
      child.on("message", (message) => message === word && resolve());
      child.once("exit", () => reject(new Error(`${entry.pathname} ended early`)));
    });
  const ready = said("ready");
  const done = said("done");
  done.catch(() => {});
  child.send(order);
  await ready;
  return {
    pid: child.pid ?? 0,
    go: () => void child.send("go"),
    done: () => done,
    stop: () => {
      if (child.connected) child.disconnect();
      return exited;
    },
  };
}
