/** A service as its page edits it, and what became of people in words. */
import type { Problem } from "../../../src/contract/index.ts";
import type { Service } from "../../../src/contract/services.ts";
import { fieldErrors } from "../../parts/field-errors.ts";
import type { Count } from "../../parts/form-fields.ts";

export type ServiceDraft = {
  name: string;
  description: string;
  doubleOptIn: boolean;
  /** Empty: subscriptions do not end by themselves. */
  durationDays: Count;
  public: boolean;
  /** Ids of published templates; empty: none. */
  confirmationTemplate: string;
  welcomeTemplate: string;
  goodbyeTemplate: string;
};

export const EMPTY_SERVICE: ServiceDraft = {
  name: "",
  description: "",
  doubleOptIn: true,
  durationDays: "",
  public: false,
  confirmationTemplate: "",
  welcomeTemplate: "",
  goodbyeTemplate: "",
};

export function serviceDraftOf(service: Service): ServiceDraft {
  const { name, description, doubleOptIn, durationDays } = service;
  return {
    name,
    description,
    doubleOptIn,
    durationDays: durationDays ?? "",
    public: service.public,
    confirmationTemplate: service.confirmationTemplate ?? "",
    welcomeTemplate: service.welcomeTemplate ?? "",
    goodbyeTemplate: service.goodbyeTemplate ?? "",
  };
}

const orNull = <T>(value: T | ""): T | null => (value === "" ? null : value);

export const serviceRequestOf = (draft: ServiceDraft): object => ({
  ...draft,
  durationDays: orNull(draft.durationDays),
  confirmationTemplate: orNull(draft.confirmationTemplate),
  welcomeTemplate: orNull(draft.welcomeTemplate),
  goodbyeTemplate: orNull(draft.goodbyeTemplate),
});

export const serviceErrors = (problem: Problem | null) =>
  fieldErrors(problem, ([name]) =>
    name !== undefined && Object.hasOwn(EMPTY_SERVICE, name) ? (name as keyof ServiceDraft) : null,
  );

/** Each result with how often, the commonest first; those who failed are named with what is wrong. */
export function tally<S extends string>(
  results: readonly { status: S; error: string }[],
  addresses: readonly string[],
): { counts: [status: S, count: number][]; failed: { address: string; error: string }[] } {
  const counts = new Map<S, number>();
  for (const { status } of results) counts.set(status, (counts.get(status) ?? 0) + 1);
  const failed = results.flatMap(({ status, error }, at) =>
    status === "failed" ? [{ address: addresses[at] ?? "", error }] : [],
  );
  return { counts: [...counts].sort(([, one], [, other]) => other - one), failed };
}
