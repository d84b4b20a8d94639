/** The human part of a report, as it completes a poor part for machines. */
import { describe, expect, it } from "vitest";
import { humanTextOf, readHumanText } from "./index.ts";

const TEXT =
  "Delivery to the following recipients failed:\n\n  bo@two.example: 550 5.1.1 no such user\n  cy@two.example: over quota\n";

describe("readHumanText", () => {
  it("gives each recipient its own answer", () => {
    expect(readHumanText(TEXT)).toMatchObject([
      { address: "bo@two.example", original: null, action: "failed", answer: { code: 550, enhanced: "5.1.1" } },
      { address: "cy@two.example", answer: { code: null, text: "cy@two.example: over quota" } },
    ]);
  });

  it("leaves out who sent it", () => {
    const text = "The mail of news@one.example to bo@two.example could not be delivered.";
    expect(readHumanText(text, ["News@one.example"]).map(({ address }) => address)).toEqual(["bo@two.example"]);
  });

  it("knows whom it was meant for first", () => {
    const text = "<bo.new@four.example> (expanded from <bo@two.example>): unknown user";
    expect(readHumanText(text)).toMatchObject([{ address: "bo.new@four.example", original: "bo@two.example" }]);
  });

  it("finds nobody in nothing", () => {
    expect(readHumanText("")).toEqual([]);
  });
});

describe("humanTextOf", () => {
  it("takes HTML where the plain part says nothing", () => {
    const parts = [
      { type: "text/plain", text: "See the HTML part." },
      { type: "text/html", text: "<p>bo@two.example is unknown</p>" },
      { type: "message/rfc822", text: "Subject: x\n\nbody" },
    ];
    expect(humanTextOf({ headers: [], parts })).toEqual({ text: "bo@two.example is unknown", returned: "Subject: x" });
  });

  it("reads the notice inside an attached notice", () => {
    const inner =
      "Return-Path: <>\nFrom: MAILER-DAEMON\n\n<bo@two.example>: no\n\n--- Original message ---\n\nReceived: x\nMessage-ID: <o@x>";
    const { text, returned } = humanTextOf({ headers: [], parts: [{ type: "message/rfc822", text: inner }] });
    expect(text).toContain("<bo@two.example>: no");
    expect(returned).toContain("<o@x>");
  });
});
