/** How long what is kept: one period a kind. */
import { TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { type RetentionSettings as Periods, retentionSettingsSchema } from "../../../src/contract/retention.ts";
import shared from "../../parts/form.module.css";

type Props = {
  draft: Periods;
  set: (part: Partial<Periods>) => void;
  errors: Readonly<Record<string, string>>;
};

const NAMES = Object.keys(retentionSettingsSchema.shape) as (keyof Periods)[];
const DEFAULTS = retentionSettingsSchema.parse({});

export function RetentionSettings({ draft, set, errors }: Props) {
  const { t } = useTranslation();
  const hint = (name: keyof Periods) =>
    name === "deliveryLogs" || name === "trackingLogs" ? t(`retention.hint.${name}`) : undefined;
  return (
    <fieldset className={shared["group"]}>
      <legend>{t("retention.title")}</legend>
      <p className={shared["hint"]}>{t("retention.intro")}</p>
      <div className={shared["triple"]}>
        {NAMES.map((name) => (
          <TextInput
            key={name}
            label={t(`retention.period.${name}`)}
            description={hint(name)}
            placeholder={DEFAULTS[name]}
            value={draft[name]}
            error={errors[name]}
            onChange={(event) => set({ [name]: event.currentTarget.value })}
          />
        ))}
      </div>
    </fieldset>
  );
}
