/** What judging past messages again decides: what is asked for, its state as a word and tone, what can be undone. */
import type { Requalification } from "../../../src/contract/reply-texts.ts";
import { textPath } from "../../queries-bounces.ts";
import type { Tone } from "../../tones.ts";

/** Whose messages: those that got a text, those that a rule judges, all. */
export type Of = { kind: "text"; id: string; text: string } | { kind: "rule"; name: string } | { kind: "all" };

const DAY_MS = 86_400_000;

export function requestOf(of: Of, days: number, dryRun: boolean, now: number): { path: string; body: object } {
  const body = { since: new Date(now - days * DAY_MS).toISOString(), dryRun };
  if (of.kind === "text") return { path: `${textPath(of.id)}/actions/requalify`, body };
  return {
    path: "/reply-texts/actions/requalify",
    body: of.kind === "rule" ? { ...body, rule: of.name } : body,
  };
}

export const isUnderWay = ({ state }: Pick<Requalification, "state">): boolean =>
  state === "running" || state === "undoing";

export type RunWord = Requalification["state"] | "dryRun" | "failed";

export function runWord({ state, dryRun, error }: Pick<Requalification, "state" | "dryRun" | "error">): RunWord {
  if (error !== null && isUnderWay({ state })) return "failed";
  return dryRun && state === "completed" ? "dryRun" : state;
}

export const RUN_TONE: Record<RunWord, Tone> = {
  running: "waiting",
  completed: "sent",
  undoing: "paused",
  undone: "excluded",
  dryRun: "waiting",
  failed: "retry",
};

/** Also of one that still runs: it stops there. */
export const canUndo = (run: Requalification, now: number): boolean =>
  !run.dryRun &&
  (run.state === "running" || run.state === "completed") &&
  (run.undoUntil === null ? run.state === "running" : Date.parse(run.undoUntil) > now);

/** 0 to 1; nothing to look through is done. */
export const doneShare = ({ progress: { parts, done } }: Pick<Requalification, "progress">): number =>
  parts === 0 ? 1 : Math.min(1, done / parts);
