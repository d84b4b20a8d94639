/** One field of an archive's form: label, value, refusal, change. */
import { useTranslation } from "react-i18next";

import type { ArchiveDraft, ArchiveErrors, Count, SetArchive } from "./archive-draft.ts";

export type FieldsProps = {
  draft: ArchiveDraft;
  set: SetArchive;
  errors: ArchiveErrors["fields"];
  readOnly: boolean;
  /** A secret is known already: it stays unless another one is typed. */
  hasSecret: boolean;
  /** Of an archive that is there: what it holds would not move along. */
  kindFixed: boolean;
  addressHidden: boolean;
};

type NamesOf<T> = { [F in keyof ArchiveDraft]: ArchiveDraft[F] extends T ? F : never }[keyof ArchiveDraft];
type TextName = Exclude<NamesOf<string>, "kind" | "tls" | "nature">;
type CountName = "connections" | "ratePerMinute" | "zipBatch";
type SwitchName = NamesOf<boolean>;

export function useArchiveField({ draft, set, errors, readOnly }: FieldsProps) {
  const { t } = useTranslation();
  const shared = (name: TextName | CountName) => ({
    label: t(`archiveForm.${name}`),
    error: errors[name],
    errorProps: { style: { whiteSpace: "pre-line" as const } },
    readOnly,
    autoComplete: "off",
  });
  return {
    text: (name: TextName) => ({
      ...shared(name),
      value: draft[name],
      onChange: (event: { currentTarget: { value: string } }) => set({ [name]: event.currentTarget.value }),
    }),
    count: (name: CountName) => ({
      ...shared(name),
      value: draft[name],
      min: 1,
      allowDecimal: false,
      allowNegative: false,
      hideControls: true,
      onChange: (value: string | number) => set({ [name]: (typeof value === "number" ? value : "") satisfies Count }),
    }),
    toggle: (name: SwitchName) => ({
      label: t(`archiveForm.${name}`),
      checked: draft[name],
      disabled: readOnly,
      onChange: (event: { currentTarget: { checked: boolean } }) => set({ [name]: event.currentTarget.checked }),
    }),
  };
}
