/** Label, sender, and the switch for copies. */
import { TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";

import shared from "../../parts/form.module.css";
import css from "./content.module.css";
import { type FormProps, useField } from "./field.ts";
import { ArchiveSection } from "./section-archive.tsx";

export function Properties(props: FormProps) {
  const { t } = useTranslation();
  const field = useField(props);
  return (
    <fieldset className={shared["group"]}>
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
      <TextInput
        label={t("editor.replyTo")}
        placeholder={t("editor.sameAsFrom")}
        inputMode="email"
        autoComplete="off"
        {...field("replyTo")}
      />
      <ArchiveSection
        value={props.draft.archive}
        onChange={(value) => props.set("archive", value)}
        error={props.errors.archive}
        readOnly={props.readOnly}
      />
    </fieldset>
  );
}
