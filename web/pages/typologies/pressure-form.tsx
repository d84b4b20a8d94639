/** How many messages somebody gets in a time: how many, which time, what counts, for whom. */
import { Checkbox, NativeSelect, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";

import form from "../../parts/form.module.css";
import { ChoiceFields } from "./choice-fields.tsx";
import { blankChoice, CHOICE_KINDS, closed, opened } from "./choice-model.ts";
import { KINDS_OF_OTHERS } from "./filtering-form.tsx";
import { Newsletters } from "./newsletters.tsx";
import { GROUPINGS, isFor, type PressureDraft, type ThresholdDraft, type Whom, without } from "./rule-draft.ts";
import { saidAt } from "./rule-errors.ts";
import { CountInput, NatureChoice, OneOfFew, type RuleFormProps } from "./rule-inputs.tsx";
import { ThresholdCases } from "./threshold-cases.tsx";
import css from "./typologies.module.css";

type Props = RuleFormProps<PressureDraft>;

export function PressureForm(props: Props) {
  const { rule, errors, onChange } = props;
  const { t } = useTranslation();
  return (
    <>
      <Threshold {...props} />
      <div className={`${form["triple"]} ${css["top"]}`}>
        <CountInput
          label={t("typologyRule.pressure.days")}
          value={rule.days}
          min={1}
          max={366}
          error={saidAt(errors, "days")}
          onChange={(days) => onChange({ ...rule, days })}
        />
        <NativeSelect
          label={t("typologyRule.pressure.grouping")}
          title={t("typologyRule.pressure.groupingHint")}
          value={rule.grouping ?? "none"}
          data={GROUPINGS.map((value) => ({ value, label: t(`typologyRule.pressure.groupings.${value}`) }))}
          onChange={(event) => {
            const grouping = GROUPINGS.find((value) => value === event.currentTarget.value);
            if (grouping !== undefined) onChange({ ...rule, grouping });
          }}
        />
        <NatureChoice
          natures={rule.natures}
          onChange={(natures) => onChange(natures === undefined ? without(rule, "natures") : { ...rule, natures })}
        />
      </div>
      <p className={form["hint"]}>
        {t("typologyRule.nature")}: {t("typologyRule.pressure.natureHint")} {t("typologyRule.pressure.groupingHint")}
      </p>
      <Checkbox
        label={t("typologyRule.pressure.planned")}
        description={t("typologyRule.pressure.plannedHint")}
        checked={rule.planned ?? true}
        onChange={(event) => onChange({ ...rule, planned: event.currentTarget.checked })}
      />
      <ForWhom {...props} />
      <Newsletters />
    </>
  );
}

const WAYS = ["number", "attribute", "cases"] as const;
type Way = (typeof WAYS)[number];

const wayOf = (threshold: ThresholdDraft): Way =>
  typeof threshold !== "object" ? "number" : "attribute" in threshold ? "attribute" : "cases";

/** The number that was there stays the one for everybody else. */
function inWay(way: Way, threshold: ThresholdDraft): ThresholdDraft {
  const number = typeof threshold === "object" ? threshold.otherwise : threshold;
  if (way === "number") return number;
  if (way === "attribute") return { attribute: "", otherwise: number };
  return { cases: [{ segment: "", threshold: "" }], otherwise: number };
}

function Threshold({ rule, errors, readOnly, onChange }: Props) {
  const { t } = useTranslation();
  const { threshold } = rule;
  const change = (next: ThresholdDraft) => onChange({ ...rule, threshold: next });
  const otherwise = typeof threshold === "object" && (
    <CountInput
      label={t(`typologyRule.pressure.${"attribute" in threshold ? "otherwiseAttribute" : "otherwise"}`)}
      value={threshold.otherwise}
      max={1000}
      error={saidAt(errors, "threshold/otherwise")}
      onChange={(number) => change({ ...threshold, otherwise: number })}
    />
  );
  return (
    <>
      <OneOfFew
        label={t("typologyRule.pressure.threshold")}
        value={wayOf(threshold)}
        values={WAYS}
        word={(way) => t(`typologyRule.pressure.thresholds.${way}`)}
        onChange={(way) => change(inWay(way, threshold))}
      />
      {typeof threshold !== "object" ? (
        <div className={`${form["triple"]} ${css["top"]}`}>
          <CountInput
            label={t("typologyRule.pressure.number")}
            value={threshold}
            max={1000}
            error={saidAt(errors, "threshold")}
            onChange={change}
          />
        </div>
      ) : "attribute" in threshold ? (
        <div className={`${form["pair"]} ${css["top"]}`}>
          <TextInput
            label={t("typologyRule.pressure.attribute")}
            value={threshold.attribute}
            error={saidAt(errors, "threshold/attribute") ?? saidAt(errors, "threshold")}
            maxLength={200}
            autoComplete="off"
            onChange={(event) => change({ ...threshold, attribute: event.currentTarget.value })}
          />
          {otherwise}
        </div>
      ) : (
        <ThresholdCases threshold={threshold} errors={errors} readOnly={readOnly} onChange={change}>
          <div className={`${form["triple"]} ${css["top"]}`}>{otherwise}</div>
        </ThresholdCases>
      )}
    </>
  );
}

const WHOM = ["all", "these", "others"] as const;

function ForWhom({ rule, errors, readOnly, onChange }: Props) {
  const { t } = useTranslation();
  const open = rule.recipients === undefined ? null : opened(rule.recipients);
  const inner = open?.inner ?? blankChoice("segment");
  const change = (whom: Whom) =>
    onChange(
      whom === "all"
        ? without(rule, "recipients")
        : { ...rule, recipients: closed({ inner, others: whom === "others" }) },
    );
  return (
    <>
      <OneOfFew
        label={t("typologyRule.pressure.whom")}
        value={isFor(rule.recipients, open?.others === true)}
        values={WHOM}
        word={(value) => t(`typologyRule.pressure.whoms.${value}`)}
        onChange={change}
      />
      {open !== null && (
        <ChoiceFields
          choice={open.inner}
          kinds={open.others ? KINDS_OF_OTHERS : CHOICE_KINDS}
          errors={errors["recipients"] ?? []}
          readOnly={readOnly}
          onChange={(next) => onChange({ ...rule, recipients: closed({ ...open, inner: next }) })}
        />
      )}
    </>
  );
}
