/** Whose words stand in From, Reply-To and the return path, and which addresses the masks let through. */
import fc from "fast-check";
import { expect, test } from "vitest";

import { outsideMasks, wholeSender, type WholeSender } from "./sender.ts";

const PLATFORM = {
  sender: { name: "Shop", address: "news@shop.example", replyToName: "Help", replyTo: "help@shop.example" },
  errorAddress: "bounces@shop.example",
};

test("what a delivery says counts field by field, the platform's words where it says nothing", () => {
  const word = fc.constantFrom("", " ", "x@own.example");
  const own = fc.record({ name: word, address: word, replyToName: word, replyTo: word, errorAddress: word });
  fc.assert(
    fc.property(own, (sender) => {
      const whole = wholeSender(sender, PLATFORM);
      const platform: WholeSender = { ...PLATFORM.sender, errorAddress: PLATFORM.errorAddress };
      for (const field of Object.keys(sender) as (keyof WholeSender)[]) {
        expect(whole[field]).toBe(sender[field].trim() === "" ? platform[field] : sender[field]);
      }
    }),
  );
  expect(wholeSender({ name: "", address: "a@own.example" }, PLATFORM)).toEqual({
    ...PLATFORM.sender,
    address: "a@own.example",
    errorAddress: "bounces@shop.example",
  });
});

test.each<[address: string, masks: string[], passes: boolean]>([
  ["news@shop.example", [], true],
  ["news@shop.example", ["*@shop.example"], true],
  [" News@Shop.Example ", ["*@shop.example"], true],
  ["news@mail.shop.example", ["*@shop.example"], false],
  ["news@mail.shop.example", ["*@shop.example", "*@*.shop.example"], true],
  ["news@shop.example.evil.example", ["*@shop.example"], false],
  ["news@evilshop.example", ["*@*.shop.example"], false],
  ["news7@shop.example", ["news?@shop.example"], true],
  ["news@bücher.example", ["*@xn--bcher-kva.example"], true],
  ["news@xn--bcher-kva.example", ["*@xn--bcher-kva.example"], true],
  ["{{ recipient.shop }}@other.example", ["*@shop.example"], true],
  ["<%= recipient.shop %>@other.example", ["*@shop.example"], true],
  ["", ["*@shop.example"], true],
])("%j under %j passes: %s", (address, masks, passes) => {
  const outside = outsideMasks({ address, errorAddress: "a@b.example" }, { address: masks, errorAddress: [] });
  expect(outside.map(({ field }) => field)).toEqual(passes ? [] : ["address"]);
});

test("without an error address the sender's has to be one to which bounces may go", () => {
  const masks = { address: [], errorAddress: ["*@bounces.example"] };
  const of = (errorAddress: string) => outsideMasks({ address: "a@shop.example", errorAddress }, masks);
  expect(of("")).toMatchObject([{ field: "errorAddress", address: "a@shop.example" }]);
  expect(of("x@bounces.example")).toEqual([]);
  expect(of("x@else.example")).toMatchObject([{ field: "errorAddress", address: "x@else.example" }]);
});
