import { describe, expect, it } from "vitest";
import { splitOriginal } from "./split-original.ts";

const HEADER = "Received: from one.example\nMessage-ID: <a@one.example>";

describe("splitOriginal", () => {
  it.each([
    "--- Below this line is a copy of the message.",
    "------ This is a copy of the message, including all the headers. ------",
    "----- Original message -----",
    "   ----- Unsent message follows -----",
    "Original message follows.",
    "Message headers follow.",
    "|------------------------- Message text follows: ------------------------|",
    "--- The header of the original message is following. ---",
    "-------original message",
    "Below is a copy of the original message:",
    "Original message headers:",
    "---- 元のメール ----",
    "----- Ursprüngliche Nachricht -----",
    "Ursprüngliche Nachrichtenkopfzeilen:",
  ])("%s", (marker) => {
    const { notice, returned } = splitOriginal(["no", "", marker, "", ...HEADER.split("\n"), "", "body"]);
    expect(notice.join("\n")).not.toContain("Received");
    expect(returned).toBe(HEADER);
  });

  it.each<[string, string[], string]>([
    ["a header alone", ["no", ...HEADER.split("\n"), "", "body"], HEADER],
    [
      "a quoted header",
      ["no", "> Return-Path: <a@one.example>", "> Subject: x"],
      "Return-Path: <a@one.example>\nSubject: x",
    ],
    ["nothing", ["no such user"], ""],
    ["a summary", ["To: bo@two.example", "Subject: x", "", "no such user"], ""],
    ["a sentence about it", ["your original message was not delivered because of", "x"], ""],
    ["fields of a report", ["Reporting-MTA: dns; x", "Arrival-Date: y"], ""],
  ])("%s", (_, lines, returned) => {
    expect(splitOriginal(lines).returned).toBe(returned);
  });
});
