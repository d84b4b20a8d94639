/** Which recipient domains get which format; the first rule that fits wins. */
import { ActionIcon, Button, NativeSelect, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import shared from "../../parts/form.module.css";
import css from "./settings.module.css";
import type { RuleDraft } from "./view-model.ts";

const FORMATS = ["alternative", "html", "text"] as const satisfies readonly RuleDraft["format"][];

type Props = { rules: readonly RuleDraft[]; error: string | undefined; onChange: (rules: RuleDraft[]) => void };

export function FormatRules({ rules, error, onChange }: Props) {
  const { t } = useTranslation();
  const change = (index: number, part: Partial<RuleDraft>) =>
    onChange(rules.map((each, at) => (at === index ? { ...each, ...part } : each)));
  return (
    <div className={css["rules"]}>
      <p className={css["rulesTitle"]}>{t("settings.formatRules")}</p>
      <p className={shared["hint"]}>{t("settings.hint.formatRules")}</p>
      {error !== undefined && <p className={css["refusal"]}>{error}</p>}
      {rules.map(({ domains, format }, index) => (
        <div key={index} className={css["rule"]}>
          <TextInput
            aria-label={`${t("settings.domains")} ${index + 1}`}
            placeholder="example.jp *.example.jp"
            error={error !== undefined}
            value={domains}
            onChange={(event) => change(index, { domains: event.currentTarget.value })}
          />
          <NativeSelect
            aria-label={`${t("section.format")} ${index + 1}`}
            value={format}
            data={FORMATS.map((value) => ({ value, label: t(`section.formats.${value}`) }))}
            onChange={(event) => change(index, { format: event.currentTarget.value as RuleDraft["format"] })}
          />
          <ActionIcon
            variant="subtle"
            c="var(--muted)"
            size={36}
            aria-label={`${t("common.remove")}: ${domains || index + 1}`}
            onClick={() => onChange(rules.filter((_, at) => at !== index))}
          >
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        </div>
      ))}
      <Button
        className={css["start"] ?? ""}
        size="xs"
        variant="default"
        leftSection={<IconPlus size={14} aria-hidden />}
        onClick={() => onChange([...rules, { domains: "", format: "text" }])}
      >
        {t("settings.addRule")}
      </Button>
    </div>
  );
}
