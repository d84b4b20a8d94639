import { describe, expect, it } from "vitest";
import { whatItSays } from "./notice-kind.ts";

describe("whatItSays", () => {
  it.each<[string, string, string, "bounce" | "delayed" | "success" | null]>([
    ["a failure", "Returned mail", "could not be delivered to", "bounce"],
    ["over the end of a line", "x", "could not be\ndelivered to bo", "bounce"],
    ["a delay", "Warning", "has not yet been delivered; it will be retried", "delayed"],
    [
      "a delay that tells of an end",
      "x",
      "It will be retried for 3 days. If it fails permanently, you will be told.",
      "delayed",
    ],
    ["the end of a delay", "x", "The message was delayed for 5 days. We have given up.", "bounce"],
    [
      "a reply that speaks of delays",
      "Undelivered mail",
      "bo@two.example failed: 451 delivery delayed, will retry",
      "bounce",
    ],
    ["a success", "x", "was successfully delivered to", "success"],
    ["no success", "x", "was not successfully delivered to", "bounce"],
    ["German", "Unzustellbar", "", "bounce"],
    ["French", "x", "n'a pas pu être remis", "bounce"],
    ["Italian", "x", "Il recapito è in ritardo: consegna ritardata", "delayed"],
    ["Japanese over lines", "x", "このメールは配信で\nきませんでした。", "bounce"],
    ["something else", "Hello", "How are you?", null],
    ["nothing", "", "", null],
  ])("%s", (_, subject, text, kind) => {
    expect(whatItSays(subject, text.split("\n")).kind).toBe(kind);
  });
});
