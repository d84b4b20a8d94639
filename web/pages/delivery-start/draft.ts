/** What the dialogs of the page edit, between the settings of the delivery and fields of text. */
import type { Settings } from "../../../src/contract/index.ts";

export type WavesDraft = {
  kind: "none" | "equal" | "calendar";
  size: string;
  every: string;
  /** One wave a line: `6h 40%`; the size of the last may be missing. */
  calendar: string;
};

export function wavesDraft({ waves }: Settings): WavesDraft {
  const draft: WavesDraft = { kind: waves?.kind ?? "none", size: "25%", every: "1d", calendar: "0h 10%\n6h 40%\n1d" };
  if (waves?.kind === "equal") return { ...draft, size: String(waves.size), every: waves.every };
  if (waves?.kind !== "calendar") return draft;
  const lines = waves.waves.map(({ after, size }) =>
    [after ?? "0h", size].filter((part) => part !== undefined).join(" "),
  );
  return { ...draft, calendar: lines.join("\n") };
}

/** As the API takes it; what is wrong with it the API says. */
export function wavesOf(draft: WavesDraft): unknown {
  switch (draft.kind) {
    case "none":
      return undefined;
    case "equal":
      return { kind: "equal", size: sizeOf(draft.size), every: draft.every.trim() };
    case "calendar":
      return { kind: "calendar", waves: linesOf(draft.calendar).map(waveOf) };
  }
}

const linesOf = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");

function waveOf(line: string): { after?: string; size?: string | number } {
  const [after = "", size] = line.split(/\s+/);
  return {
    ...(/^0[smhd]?$/.test(after) ? {} : { after }),
    ...(size === undefined ? {} : { size: sizeOf(size) }),
  };
}

const sizeOf = (text: string): string | number =>
  /^\s*\d+\s*$/.test(text) ? Number(text) : text.replaceAll(/\s/g, "");

export const REVIEWED = ["target", "content", "start", "starters"] as const;
type Reviewed = (typeof REVIEWED)[number];

/** People as the field of several choices has them: `o:4` an operator, `g:2` a group. */
type ApprovalDraft = Pick<Settings["approval"], "mode" | "deadline"> & Record<Reviewed, string[]>;

/** Deliveries that were saved before there were approvals have none. */
export function approvalDraft({ approval }: { approval?: Settings["approval"] | undefined }): ApprovalDraft {
  const people = (name: Reviewed) => [
    ...(approval?.[name]?.operators ?? []).map((id) => `o:${id}`),
    ...(approval?.[name]?.groups ?? []).map((id) => `g:${id}`),
  ];
  return {
    mode: approval?.mode ?? "manual",
    deadline: approval?.deadline ?? "3d",
    target: people("target"),
    content: people("content"),
    start: people("start"),
    starters: people("starters"),
  };
}

export function approvalOf(draft: ApprovalDraft): Settings["approval"] {
  const ids = (values: string[], letter: string) =>
    values.filter((value) => value.startsWith(letter)).map((value) => value.slice(letter.length));
  const named = REVIEWED.filter((name) => draft[name].length > 0).map((name) => [
    name,
    { operators: ids(draft[name], "o:"), groups: ids(draft[name], "g:") },
  ]);
  return { mode: draft.mode, deadline: draft.deadline.trim(), ...Object.fromEntries(named) };
}
