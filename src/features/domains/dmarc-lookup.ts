/** DMARC records for analyses: asked for all at once, waited for only so long, remembered for a while. */
import type { DmarcAnswers, TextAnswer } from "../../core/dmarc/find-policy.ts";
import { type Duration, type Instant, MINUTE, SECOND } from "../../core/time.ts";
import type { RecordResolver } from "./dns-answers.ts";

/** By name, of all that were asked for. What did not answer in time has failed. */
export type AskDmarc = (names: readonly string[]) => Promise<DmarcAnswers>;

type Options = { readonly patience?: Duration; readonly now?: () => Instant };
type Kept = { readonly answer: Promise<TextAnswer>; until: Instant };

const PATIENCE: Duration = 5 * SECOND;
const KEPT_FOR: Duration = 10 * MINUTE;
const FAILED_FOR: Duration = 30 * SECOND;
const KEPT = 5000;

export function createDmarcLookup(
  resolver: Pick<RecordResolver, "txt">,
  { patience = PATIENCE, now = Date.now }: Options = {},
): AskDmarc {
  const known = new Map<string, Kept>();

  function ask(name: string): Promise<TextAnswer> {
    const before = known.get(name);
    if (before && before.until > now()) return before.answer;
    known.delete(name);
    const answer = resolver.txt(`_dmarc.${name}`).catch((error: unknown): TextAnswer => {
      return { kind: "failed", detail: error instanceof Error ? error.message : String(error) };
    });
    const kept: Kept = { answer, until: now() + KEPT_FOR };
    known.set(name, kept);
    void answer.then(({ kind }) => {
      if (kind === "failed") kept.until = now() + FAILED_FOR;
    });
    if (known.size > KEPT) known.delete(known.keys().next().value ?? "");
    return answer;
  }

  return async (names) => {
    const stop = AbortSignal.timeout(patience);
    const late = new Promise<TextAnswer>((resolve) => {
      stop.addEventListener("abort", () => resolve({ kind: "failed", detail: "no answer in time" }));
    });
    return new Map(
      await Promise.all(names.map(async (name) => [name, await Promise.race([ask(name), late])] as const)),
    );
  };
}
