import { describe, expect, test } from "vitest";

import { settingsSchema } from "../../../src/contract/index.ts";
import { approvalDraft, approvalOf, wavesDraft, wavesOf } from "./draft.ts";

describe("waves", () => {
  test.each([
    [undefined],
    [{ kind: "equal" as const, size: "30%", every: "2d" }],
    [{ kind: "equal" as const, size: 20_000, every: "1h" }],
    [{ kind: "calendar" as const, waves: [{ size: "10%" }, { after: "6h", size: 500 }, { after: "1d" }] }],
  ])("%j is the same after the fields", (waves) => {
    const settings = settingsSchema.parse({ waves });
    expect(wavesOf(wavesDraft(settings))).toEqual(waves);
  });

  test("are read as people write them", () => {
    const draft = wavesDraft(settingsSchema.parse({}));
    expect(wavesOf({ ...draft, kind: "calendar", calendar: "\n 0  10 \n2h   50%\n" })).toEqual({
      kind: "calendar",
      waves: [{ size: 10 }, { after: "2h", size: "50%" }],
    });
    expect(wavesOf({ ...draft, kind: "equal", size: " 30 % ", every: "1d " })).toMatchObject({
      size: "30%",
      every: "1d",
    });
  });
});

describe("approvals", () => {
  test("are the same after the fields", () => {
    const { approval } = settingsSchema.parse({
      approval: {
        mode: "automatic",
        deadline: "2d",
        content: { operators: ["1", "2"], groups: ["2"] },
        starters: { groups: ["7"] },
      },
    });
    expect(approvalOf(approvalDraft({ approval }))).toEqual(approval);
    expect(approvalDraft({ approval }).content).toEqual(["o:1", "o:2", "g:2"]);
  });

  test("of a delivery that is older than they are: nobody, by hand", () => {
    expect(approvalOf(approvalDraft({}))).toEqual({ mode: "manual", deadline: "3d" });
  });
});
