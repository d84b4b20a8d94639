/** Clicks, opens, how long links lead to their target, and where afterwards. */
import { TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";

import css from "./content.module.css";
import { type FormProps, useField } from "./field.ts";
import { Toggle } from "./section-fields.tsx";

export function TrackingSection(props: FormProps) {
  const { t } = useTranslation();
  const field = useField(props);
  const { clicks } = props.draft;
  return (
    <>
      <Toggle name="clicks" {...props} />
      <Toggle name="opens" {...props} />
      <Toggle name="honeypot" disabled={!clicks} {...props} />
      <div className={css["pair"]}>
        <TextInput
          label={t("section.trackingValidity")}
          description={t("section.durationHint")}
          disabled={!clicks}
          {...field("trackingValidity")}
        />
        <TextInput
          label={t("section.expiredUrl")}
          description={t("section.expiredUrlHint")}
          placeholder="https://www.example.com/"
          inputMode="url"
          disabled={!clicks}
          {...field("expiredUrl")}
        />
      </div>
    </>
  );
}
