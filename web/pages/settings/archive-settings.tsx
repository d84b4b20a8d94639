/** How copies are made on this platform, how long they stay owed, and how what reads the archive is recognised. */
import { NativeSelect, NumberInput, Radio, Switch, Textarea, TextInput } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import shared from "../../parts/form.module.css";
import css from "./settings.module.css";
import type { SettingsDraft, SettingsErrors } from "./view-model.ts";

type Props = { draft: SettingsDraft; set: (part: Partial<SettingsDraft>) => void; errors: SettingsErrors["fields"] };
type TextName = "giveUpAfter" | "readerNetworks" | "readerAgents";

export function ArchiveSettings({ draft, set, errors }: Props) {
  const { t } = useTranslation();
  const field = (name: TextName) => ({
    label: t(`settings.${name}`),
    description: t(`settings.hint.${name}`),
    value: draft[name],
    error: errors[name],
    errorProps: { style: { whiteSpace: "pre-line" as const } },
    onChange: (event: { currentTarget: { value: string } }) => set({ [name]: event.currentTarget.value }),
  });
  return (
    <fieldset className={shared["group"]}>
      <legend>{t("bcc.on")}</legend>
      <p className={shared["hint"]}>
        {t("settings.archiveIntro")} <Link to="/archive">{t("archive.title")}</Link>
      </p>
      <NativeSelect
        label={t("bcc.timing")}
        description={t(`bcc.timingHint.${draft.timing}`)}
        w={400}
        maw="100%"
        value={draft.timing}
        data={(["before", "after"] as const).map((value) => ({ value, label: t(`bcc.timings.${value}`) }))}
        onChange={(event) => set({ timing: event.currentTarget.value as SettingsDraft["timing"] })}
      />
      <Switch
        label={`${t("bcc.strict")}: ${t("bcc.stricts.on")}`}
        description={t(draft.timing === "before" ? "bcc.strictHint.on" : "bcc.strictAfter")}
        checked={draft.strict && draft.timing === "before"}
        disabled={draft.timing === "after"}
        onChange={(event) => set({ strict: event.currentTarget.checked })}
      />
      <Radio.Group
        label={t("settings.copy")}
        value={draft.copy}
        onChange={(value) => set({ copy: value as SettingsDraft["copy"] })}
      >
        <div className={css["choices"]}>
          {(["exact", "inert"] as const).map((value) => (
            <Radio
              key={value}
              value={value}
              label={t(`settings.copyKind.${value}`)}
              description={t(`settings.copyTrade.${value}`)}
            />
          ))}
        </div>
      </Radio.Group>
      <div className={shared["pair"]}>
        <TextInput {...field("giveUpAfter")} />
        <NumberInput
          label={t("settings.debtLimit")}
          description={t("settings.hint.debtLimit")}
          error={errors.debtLimit}
          value={draft.debtLimit}
          min={1}
          max={100_000_000}
          allowDecimal={false}
          allowNegative={false}
          hideControls
          onChange={(value) => set({ debtLimit: typeof value === "number" ? value : "" })}
        />
        <Textarea {...field("readerNetworks")} rows={3} spellCheck={false} placeholder={"192.0.2.7\n2001:db8::/32"} />
        <Textarea {...field("readerAgents")} rows={3} spellCheck={false} placeholder="ArchiveIndexer" />
      </div>
    </fieldset>
  );
}
