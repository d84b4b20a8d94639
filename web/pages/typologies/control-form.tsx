/** What has to hold of a delivery, when that is looked at, and how grave it is where it does not. */
import { NativeSelect, Textarea, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { LEVELS, PHASES } from "../../../src/contract/typologies.ts";
import form from "../../parts/form.module.css";
import type { ControlDraft } from "./rule-draft.ts";
import { saidAt } from "./rule-errors.ts";
import type { RuleFormProps } from "./rule-inputs.tsx";
import css from "./typologies.module.css";

const MONO = { input: { fontFamily: "var(--mono)", fontSize: 12.5 } };
const PRE = { style: { whiteSpace: "pre-line" as const } };

export function ControlForm({ rule, errors, onChange }: RuleFormProps<ControlDraft>) {
  const { t } = useTranslation();
  const change = (part: Partial<ControlDraft>) => onChange({ ...rule, ...part });
  return (
    <>
      <div className={`${form["pair"]} ${css["top"]}`}>
        <NativeSelect
          label={t("typologies.phaseLabel")}
          value={rule.phase}
          error={saidAt(errors, "phase")}
          data={PHASES.map((value) => ({ value, label: t(`typologies.phase.${value}`) }))}
          onChange={(event) => change({ phase: event.currentTarget.value as ControlDraft["phase"] })}
        />
        <NativeSelect
          label={t("typologies.level")}
          value={rule.level}
          error={saidAt(errors, "level")}
          data={LEVELS.map((value) => ({ value, label: t(`typologies.levels.${value}`) }))}
          onChange={(event) => change({ level: event.currentTarget.value as ControlDraft["level"] })}
        />
      </div>
      <Textarea
        label={t("typologies.expression")}
        description={t("typologies.expressionHint")}
        placeholder="length(content.subject) <= 60"
        value={rule.expression}
        error={saidAt(errors, "expression")}
        errorProps={PRE}
        maxLength={4000}
        autosize
        minRows={2}
        maxRows={12}
        spellCheck={false}
        styles={MONO}
        onChange={(event) => change({ expression: event.currentTarget.value })}
      />
      <TextInput
        label={t("typologies.message")}
        description={t("typologies.messageHint")}
        value={rule.message}
        error={saidAt(errors, "message")}
        maxLength={500}
        autoComplete="off"
        onChange={(event) => change({ message: event.currentTarget.value })}
      />
    </>
  );
}
