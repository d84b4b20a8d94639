/** Label, sender, validity. */
import { Textarea, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";

import css from "./content.module.css";
import type { Draft, Field, FieldErrors } from "./view-model.ts";

export type FormProps = {
  draft: Draft;
  set: (field: Field, value: string) => void;
  errors: FieldErrors["fields"];
  readOnly: boolean;
};

export function useField({ draft, set, errors, readOnly }: FormProps) {
  return (field: Field) => ({
    value: draft[field],
    error: errors[field],
    readOnly,
    onChange: (event: { currentTarget: { value: string } }) => set(field, event.currentTarget.value),
    "data-field": field,
  });
}

export function Properties(props: FormProps) {
  const { t } = useTranslation();
  const field = useField(props);
  return (
    <fieldset className={css["group"]}>
      <legend>{t("editor.properties")}</legend>
      <TextInput label={t("editor.label")} description={t("editor.labelHint")} {...field("label")} />
      <div className={css["pair"]}>
        <TextInput label={t("editor.fromName")} autoComplete="off" {...field("fromName")} />
        <TextInput
          label={t("editor.fromAddress")}
          type="email"
          inputMode="email"
          autoComplete="off"
          {...field("fromAddress")}
        />
      </div>
      <div className={css["pair"]}>
        <TextInput label={t("editor.replyTo")} inputMode="email" autoComplete="off" {...field("replyTo")} />
        <TextInput
          label={t("editor.errorAddress")}
          inputMode="email"
          autoComplete="off"
          placeholder={t("editor.errorAddressHint")}
          {...field("errorAddress")}
        />
      </div>
      <TextInput
        label={t("editor.validity")}
        description={t("editor.validityHint")}
        w={320}
        maw="100%"
        {...field("validity")}
      />
    </fieldset>
  );
}

export function MonoArea({
  field,
  label,
  rows,
}: {
  field: ReturnType<ReturnType<typeof useField>>;
  label: string;
  rows: number;
}) {
  return (
    <Textarea
      {...field}
      aria-label={label}
      rows={rows}
      spellCheck={false}
      wrap="soft"
      classNames={{ input: css["code"] ?? "" }}
      errorProps={{ style: { whiteSpace: "pre-line" } }}
    />
  );
}
