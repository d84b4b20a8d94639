/** Replies as they are noted: one by one, and what is the same of a batch put together. */
import type { AnswerStage } from "../../core/bounce/rule.ts";
import type { FailureReason, FailureType } from "../../core/bounce/verdict.ts";
import type { Instant } from "../../core/time.ts";

export type NotedReply = {
  readonly text: string;
  readonly stage: AnswerStage;
  readonly code: number | null;
  readonly enhanced: string | null;
  readonly mx: string | null;
  /** Null: none that has a name. */
  readonly provider: string | null;
  readonly type: FailureType;
  readonly reason: FailureReason;
  readonly rule: string;
  readonly at: Instant;
};

/** Replies of a batch that say the same. */
export type Noted = {
  readonly key: string;
  readonly normalised: string;
  readonly first: NotedReply;
  readonly last: NotedReply;
  readonly count: number;
  readonly providers: readonly string[];
  readonly stages: readonly string[];
};

/** By text, day, provider and stage. */
export type NotedDay = Pick<NotedReply, "stage" | "mx" | "at"> & {
  readonly key: string;
  readonly provider: string;
  readonly count: number;
};
