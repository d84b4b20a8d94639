/** When an address that fails receives nothing any more, and when a person is asked first. */
import { NumberInput, Switch, TextInput } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import shared from "../../parts/form.module.css";
import type { QuarantineDraft } from "./quarantine-draft.ts";
import { QuarantineReasons } from "./quarantine-reasons.tsx";

type Props = {
  draft: QuarantineDraft;
  set: (part: Partial<QuarantineDraft>) => void;
  errors: Partial<Record<keyof QuarantineDraft, string>>;
};
type CountName = "softLimit" | "guardFactor" | "guardLeast";

export function QuarantineSettings({ draft, set, errors }: Props) {
  const { t } = useTranslation();
  const words = (name: keyof QuarantineDraft) => ({
    label: t(`quarantineSettings.${name}`),
    description: t(`quarantineSettings.hint.${name}`),
    error: errors[name],
  });
  const text = (name: "gap" | "resetAfter") => ({
    ...words(name),
    value: draft[name],
    onChange: (event: { currentTarget: { value: string } }) => set({ [name]: event.currentTarget.value }),
  });
  const count = (name: CountName) => ({
    ...words(name),
    value: draft[name],
    allowNegative: false,
    hideControls: true,
    onChange: (value: string | number) => set({ [name]: typeof value === "number" ? value : "" }),
  });
  const toggle = (name: "foldLocalPart" | "guardEnabled") => ({
    ...words(name),
    checked: draft[name],
    onChange: (event: { currentTarget: { checked: boolean } }) => set({ [name]: event.currentTarget.checked }),
  });
  return (
    <fieldset className={shared["group"]}>
      <legend>{t("quarantine.title")}</legend>
      <p className={shared["hint"]}>
        {t("quarantineSettings.intro")} <Link to="/quarantine">{t("quarantine.title")}</Link>
      </p>
      <div className={shared["triple"]}>
        <NumberInput {...count("softLimit")} allowDecimal={false} min={1} max={1000} placeholder={t("common.none")} />
        <TextInput {...text("gap")} placeholder="24h" />
        <TextInput {...text("resetAfter")} placeholder="10d" />
      </div>
      <QuarantineReasons lines={draft.reasons} error={errors.reasons} onChange={(reasons) => set({ reasons })} />
      <Switch {...toggle("foldLocalPart")} />
      <Switch {...toggle("guardEnabled")} />
      {draft.guardEnabled && (
        <div className={shared["pair"]}>
          <NumberInput {...count("guardFactor")} min={1.5} max={100} />
          <NumberInput {...count("guardLeast")} allowDecimal={false} min={1} max={1_000_000} />
        </div>
      )}
    </fieldset>
  );
}
