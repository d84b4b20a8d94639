/** Acceptance statements 7 to 9: what errors make of an address, with the settings that Envoi comes with. */
import { expect, test } from "vitest";

import { platformSettingsSchema } from "../../src/contract/index.ts";
import { matchKeyOf } from "../../src/core/address/match-key.ts";
import { afterEvent, lapsed, VALID, type AddressEvent } from "../../src/core/quarantine/address-state.ts";
import { DAY, HOUR } from "../../src/core/time.ts";
import { policyOf } from "../../src/features/quarantine/policy.ts";

const T0 = Date.parse("2026-11-21T09:00:00Z");
const POLICY = policyOf(platformSettingsSchema.parse({}).quarantine);

const soft = (at: number, reason: "unreachable" | "mailbox-full" = "unreachable"): AddressEvent => ({
  kind: "error",
  at,
  verdict: { type: "soft", reason, scope: "address" },
  isDoubtful: false,
});
const hard = (at: number): AddressEvent => ({
  kind: "error",
  at,
  verdict: { type: "hard", reason: "user-unknown", scope: "address" },
  isDoubtful: false,
});
const after = (...events: readonly AddressEvent[]) =>
  events.reduce((state, event) => afterEvent(state, event, POLICY), VALID);

test("7: soft errors within 24 hours count once, after 24 hours again, and the fifth puts into quarantine", () => {
  expect(after(soft(T0), soft(T0 + 23 * HOUR))).toMatchObject({ status: "with-errors", errors: 1 });
  expect(after(soft(T0), soft(T0 + 23 * HOUR), soft(T0 + DAY))).toMatchObject({ status: "with-errors", errors: 2 });
  const daily = [0, 1, 2, 3, 4].map((day) => soft(T0 + day * DAY));
  expect(after(...daily.slice(0, 4))).toMatchObject({ status: "with-errors", errors: 4 });
  expect(after(...daily)).toMatchObject({ status: "quarantined", errors: 5 });
});

test("8: an address with errors is valid after a success, or 10 days without an error, 30 for a full mailbox; one in quarantine stays", () => {
  const success = (at: number): AddressEvent => ({ kind: "success", at });
  expect(after(soft(T0), success(T0 + HOUR))).toEqual(VALID);
  expect(lapsed(after(soft(T0)), T0 + 9 * DAY, POLICY).status).toBe("with-errors");
  expect(lapsed(after(soft(T0)), T0 + 11 * DAY, POLICY)).toEqual(VALID);
  const full = after(soft(T0, "mailbox-full"));
  expect(lapsed(full, T0 + 29 * DAY, POLICY).status).toBe("with-errors");
  expect(lapsed(full, T0 + 31 * DAY, POLICY)).toEqual(VALID);
  expect(after(hard(T0), success(T0 + HOUR)).status).toBe("quarantined");
  expect(lapsed(after(hard(T0)), T0 + 365 * DAY, POLICY).status).toBe("quarantined");
});

test("9: A@x and a@x are one address in quarantine, as are the two ways of writing its domain; the local part can be told apart", () => {
  expect(matchKeyOf("A@X.example")).toBe(matchKeyOf("a@x.example"));
  expect(matchKeyOf("a@bücher.example")).toBe(matchKeyOf("a@xn--bcher-kva.example"));
  expect(platformSettingsSchema.parse({}).quarantine.foldLocalPart).toBe(true);
  expect(platformSettingsSchema.parse({ quarantine: { foldLocalPart: false } }).quarantine.foldLocalPart).toBe(false);
});
