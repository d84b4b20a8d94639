/** Label, sender, and the switch for copies. */
import { TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import shared from "../../parts/form.module.css";
import { settingsQuery } from "../../queries.ts";
import css from "./content.module.css";
import { type FormProps, useField } from "./field.ts";
import { ArchiveSection } from "./section-archive.tsx";

export function Properties(props: FormProps) {
  const { t } = useTranslation();
  const field = useField(props);
  // What counts where the delivery says nothing of its own.
  const platform = useQuery(settingsQuery).data?.sender;
  return (
    <fieldset className={shared["group"]}>
      <legend>{t("editor.properties")}</legend>
      <TextInput label={t("editor.label")} description={t("editor.labelHint")} {...field("label")} />
      <div className={css["pair"]}>
        <TextInput
          label={t("editor.fromName")}
          placeholder={platform?.name}
          autoComplete="off"
          {...field("fromName")}
        />
        <TextInput
          label={t("editor.fromAddress")}
          placeholder={platform?.address}
          type="email"
          inputMode="email"
          autoComplete="off"
          {...field("fromAddress")}
        />
      </div>
      <div className={css["pair"]}>
        <TextInput
          label={t("editor.replyToName")}
          placeholder={platform?.replyToName}
          autoComplete="off"
          {...field("replyToName")}
        />
        <TextInput
          label={t("editor.replyTo")}
          placeholder={platform?.replyTo || t("editor.sameAsFrom")}
          inputMode="email"
          autoComplete="off"
          {...field("replyTo")}
        />
      </div>
      <ArchiveSection
        value={props.draft.archive}
        onChange={(value) => props.set("archive", value)}
        error={props.errors.archive}
        readOnly={props.readOnly}
      />
    </fieldset>
  );
}
