/** A number of messages for each segment, in an order: the first that fits somebody counts. */
import { ActionIcon } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { useFormats } from "../../parts/use-now.ts";
import form from "../../parts/form.module.css";
import { ChoiceFields } from "./choice-fields.tsx";
import type { SegmentRef, ThresholdCase, ThresholdDraft } from "./rule-draft.ts";
import { type PlacedErrors, saidAt } from "./rule-errors.ts";
import { CountInput, RowsFoot } from "./rule-inputs.tsx";
import css from "./typologies.module.css";

const MOST = 20;
const KINDS = ["segment", "tree"] as const;

type Cases = Extract<ThresholdDraft, { cases: unknown }>;
type Props = {
  threshold: Cases;
  errors: PlacedErrors;
  readOnly: boolean;
  onChange: (threshold: Cases) => void;
  /** For everybody else: stands below the cases. */
  children: ReactNode;
};

export function ThresholdCases({ threshold, errors, readOnly, onChange, children }: Props) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { cases } = threshold;
  const change = (at: number, part: Partial<ThresholdCase>) =>
    onChange({ ...threshold, cases: cases.map((each, index) => (index === at ? { ...each, ...part } : each)) });
  return (
    <>
      <p className={form["hint"]}>{t("typologyRule.pressure.casesHint")}</p>
      {cases.map((each, index) => {
        const n = formats.int(index + 1);
        return (
          // Cases are what they are by their place.
          <div key={index} role="group" aria-label={t("typologyRule.pressure.case", { n })} className={css["part"]}>
            <div className={css["partHead"]}>
              <CountInput
                label={t("typologyRule.pressure.number")}
                value={each.threshold}
                max={1000}
                error={saidAt(errors, `threshold/cases/${index}/threshold`)}
                onChange={(count) => change(index, { threshold: count })}
              />
              <ActionIcon
                variant="default"
                size={36}
                aria-label={t("typologyRule.pressure.removeCase", { n })}
                onClick={() => onChange({ ...threshold, cases: cases.filter((_, at) => at !== index) })}
              >
                <IconTrash size={16} aria-hidden />
              </ActionIcon>
            </div>
            <ChoiceFields
              choice={{ segment: each.segment }}
              kinds={KINDS}
              errors={errors[`threshold/cases/${index}`] ?? []}
              readOnly={readOnly}
              onChange={(choice) =>
                change(index, { segment: "segment" in choice ? (choice.segment as SegmentRef) : "" })
              }
            />
          </div>
        );
      })}
      <RowsFoot
        said={saidAt(errors, "threshold")}
        word={t("typologyRule.pressure.addCase")}
        isFull={cases.length >= MOST}
        onAdd={() => onChange({ ...threshold, cases: [...cases, { segment: "", threshold: "" }] })}
      />
      {children}
    </>
  );
}
