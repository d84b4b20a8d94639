import { expect, test } from "vitest";

import type { SignInSettings } from "../../../src/contract/sign-in-settings.ts";
import { signInDraftOf, signInErrors, signInRequestOf } from "./sign-in-draft.ts";

const stored: SignInSettings = {
  enabled: true,
  issuer: "https://id.example.com",
  clientId: "envoi",
  hasSecret: true,
  label: "Example",
  domains: ["example.com", "example.net"],
  claim: "groups",
  mapping: [{ value: "mailers", roles: ["reports"], groups: [] }],
  createOperators: false,
  defaultRoles: [],
  passwords: "everybody",
  signOutThere: true,
  redirectUri: "https://envoi.example.com/api/v1/session/oidc/callback",
  signedOutUri: "https://envoi.example.com/",
  version: 3,
};

test("what is stored goes back as it was, and a secret only when one was typed", () => {
  const { hasSecret: _h, redirectUri: _r, signedOutUri: _s, version: _v, ...same } = stored;
  const draft = signInDraftOf(stored);
  expect(signInRequestOf(draft)).toEqual(same);
  const typed = { ...draft, clientSecret: "new", domains: " example.org,  example.net;" };
  expect(signInRequestOf(typed)).toEqual({ ...same, clientSecret: "new", domains: ["example.org", "example.net"] });
});

test("refusals find their field, those of a line the mapping", () => {
  const error = (pointer: string) => ({ pointer, code: "wrong", message: `about ${pointer}` });
  const errors = [error("/issuer"), error("/mapping/0/groups"), error("/other")];
  const problem = { type: "about:blank", title: "", status: 422, detail: "", code: "invalid-input", errors };
  expect(signInErrors(problem, signInDraftOf(stored))).toEqual({
    fields: { issuer: "about /issuer", mapping: "about /mapping/0/groups" },
    others: ["/other: about /other"],
  });
});
