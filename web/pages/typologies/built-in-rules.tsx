/** The rules that come with Envoi, by phase: whether each is looked at, how grave it is, and when it speaks. */
import { NativeSelect, NumberInput, Switch } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { LEVELS, PHASES } from "../../../src/contract/typologies.ts";
import { FormGroup } from "../../parts/editor-page.tsx";
import form from "../../parts/form.module.css";
import { type BuiltInDraft, isChanged } from "./typology-draft.ts";
import css from "./typologies.module.css";

type Props = {
  rules: readonly BuiltInDraft[];
  readOnly: boolean;
  onChange: (rules: BuiltInDraft[]) => void;
};

export function BuiltInRules({ rules, readOnly, onChange }: Props) {
  const { t } = useTranslation();
  const change = (name: string, part: Partial<BuiltInDraft>) =>
    onChange(rules.map((rule) => (rule.name === name ? { ...rule, ...part } : rule)));
  return (
    <FormGroup title={t("typologies.builtIn")}>
      <p className={form["hint"]}>{t("typologies.builtInHint")}</p>
      <table className={css["rules"]}>
        <thead>
          <tr>
            <th scope="col">{t("typologies.active")}</th>
            <th scope="col">{t("typologies.rule")}</th>
            <th scope="col">{t("typologies.level")}</th>
            <th scope="col">{t("typologies.order")}</th>
          </tr>
        </thead>
        {PHASES.map((phase) => {
          const here = rules.filter((rule) => rule.phase === phase);
          if (here.length === 0) return null;
          return (
            <tbody key={phase}>
              <tr>
                <th colSpan={4} scope="rowgroup" className={css["phase"]}>
                  {t(`typologies.phase.${phase}`)}
                </th>
              </tr>
              {here.map((rule) => (
                <Row key={rule.name} rule={rule} readOnly={readOnly} change={(part) => change(rule.name, part)} />
              ))}
            </tbody>
          );
        })}
      </table>
    </FormGroup>
  );
}

type RowProps = { rule: BuiltInDraft; readOnly: boolean; change: (part: Partial<BuiltInDraft>) => void };

function Row({ rule, readOnly, change }: RowProps) {
  const { t } = useTranslation();
  const title = t(`typologies.checks.${rule.name}`, { defaultValue: rule.title });
  return (
    <tr data-changed={isChanged(rule) || undefined}>
      <td>
        <Switch
          aria-label={`${t("typologies.active")}: ${title}`}
          checked={rule.active}
          disabled={readOnly || rule.fixed}
          onChange={(event) => change({ active: event.currentTarget.checked })}
        />
      </td>
      <td>
        <span className={rule.active ? undefined : css["off"]}>{title}</span>
        <span className={css["code"]}>
          {rule.name}
          {rule.fixed && ` · ${t("typologies.fixed")}`}
          {isChanged(rule) && ` · ${t("typologies.changed")}`}
        </span>
      </td>
      <td>
        <NativeSelect
          size="xs"
          aria-label={`${t("typologies.level")}: ${title}`}
          value={rule.level}
          disabled={readOnly || rule.fixed || !rule.active}
          data={LEVELS.map((value) => ({ value, label: t(`typologies.levels.${value}`) }))}
          onChange={(event) => change({ level: event.currentTarget.value as BuiltInDraft["level"] })}
        />
      </td>
      <td>
        <NumberInput
          size="xs"
          aria-label={`${t("typologies.order")}: ${title}`}
          value={rule.order}
          min={0}
          max={1000}
          allowDecimal={false}
          allowNegative={false}
          hideControls
          disabled={readOnly || !rule.active}
          onChange={(value) => change({ order: typeof value === "number" ? value : "" })}
        />
      </td>
    </tr>
  );
}
