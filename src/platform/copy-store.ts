/** A place that keeps copies as files or objects under names; implemented by adapters/copy-store, handed in by the roles. */

/** Names are `core/archive/copy-name`: relative, with `/`. */
export type CopyStore = {
  /**
   * Writes all of it or nothing, replacing what was there under the name; resolves when it is safe. Rejects with `CopyStoreError`.
   * `sha256` of the bytes, base64: the store refuses other bytes where it can check.
   */
  put(name: string, bytes: Uint8Array, sha256: string): Promise<void>;
  /** Doing it again changes nothing; what is under neither name rejects with `missing`. */
  rename(from: string, to: string): Promise<void>;
  /** Null: nothing there. */
  read(name: string): Promise<Uint8Array | null>;
  /** In no order. */
  list(prefix: string): AsyncIterable<{ readonly name: string; readonly size: number }>;
  /** Nothing there: nothing happens. */
  remove(name: string): Promise<void>;
};

export type CopyStoreProblem = "missing" | "full" | "refused" | "unreachable";

export class CopyStoreError extends Error {
  readonly problem: CopyStoreProblem;

  /** `message` is shown to operators as the store's reply. */
  constructor(problem: CopyStoreProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "CopyStoreError";
    this.problem = problem;
  }
}
