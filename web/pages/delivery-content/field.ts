/** One text field of the form: value, refusal, change. */
import type { Draft, Field, SetField } from "./draft.ts";
import type { FieldErrors } from "./view-model.ts";

export type FormProps = {
  draft: Draft;
  set: SetField;
  errors: FieldErrors["fields"];
  readOnly: boolean;
  /** Of a confirmed delivery: how long attempts go on in fact. */
  effectiveValidity?: string | undefined;
};

/** Fields of free text; the others have a list of words, a switch or rows. */
type TextName = { [F in Field]: string extends Draft[F] ? F : never }[Field];

export function useField({ draft, set, errors, readOnly }: FormProps) {
  return (field: TextName) => ({
    value: draft[field],
    error: errors[field],
    readOnly,
    onChange: (event: { currentTarget: { value: string } }) => set(field, event.currentTarget.value),
    "data-field": field,
  });
}
