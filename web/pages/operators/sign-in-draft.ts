/** What is typed about the identity provider, and what of it is sent. */
import type { Problem } from "../../../src/contract/index.ts";
import type { SignInSettings } from "../../../src/contract/sign-in-settings.ts";
import { type FieldErrors, fieldErrors } from "../../parts/field-errors.ts";

type Kept =
  | "enabled"
  | "issuer"
  | "clientId"
  | "label"
  | "claim"
  | "mapping"
  | "createOperators"
  | "defaultRoles"
  | "passwords"
  | "signOutThere";
export type SignInDraft = Pick<SignInSettings, Kept> & {
  /** Empty: the one that is there stays. */
  clientSecret: string;
  /** Separated by blanks or commas. */
  domains: string;
};

export function signInDraftOf({
  version: _v,
  hasSecret: _h,
  redirectUri: _r,
  signedOutUri: _s,
  domains,
  ...kept
}: SignInSettings): SignInDraft {
  return { ...kept, clientSecret: "", domains: domains.join(" ") };
}

export function signInRequestOf({ clientSecret, domains, ...kept }: SignInDraft) {
  const list = domains.split(/[\s,;]+/).filter((each) => each !== "");
  return { ...kept, domains: list, ...(clientSecret === "" ? {} : { clientSecret }) };
}

export function signInErrors(problem: Problem | null, draft: SignInDraft): FieldErrors<keyof SignInDraft> {
  return fieldErrors(problem, ([name = ""]) => (name in draft ? (name as keyof SignInDraft) : null));
}
