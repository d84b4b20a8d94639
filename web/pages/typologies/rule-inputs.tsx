/** Fields that rules of several kinds have. */
import { Button, NativeSelect, NumberInput, Radio } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import type { Count } from "../../parts/form-fields.ts";
import { type Nature, natureOf } from "./rule-draft.ts";
import type { PlacedErrors } from "./rule-errors.ts";
import css from "./typologies.module.css";

export type RuleFormProps<D> = {
  rule: D;
  errors: PlacedErrors;
  readOnly: boolean;
  /** The whole rule: fields can be taken out of it. */
  onChange: (rule: D) => void;
};

type CountProps = {
  label: string;
  value: Count;
  min?: number;
  max: number;
  error: string | undefined;
  readOnly?: boolean;
  onChange: (value: Count) => void;
};

export function CountInput({ min = 0, onChange, ...props }: CountProps) {
  return (
    <NumberInput
      {...props}
      min={min}
      clampBehavior="none"
      allowDecimal={false}
      allowNegative={false}
      hideControls
      autoComplete="off"
      onChange={(value) => onChange(typeof value === "number" ? value : "")}
    />
  );
}

const NATURES = ["all", "marketing", "service"] as const;

type Natures = readonly Nature[] | undefined;
type NatureProps = { natures: Natures; hint?: string; onChange: (natures: Nature[] | undefined) => void };

export function NatureChoice({ natures, hint, onChange }: NatureProps) {
  const { t } = useTranslation();
  return (
    <NativeSelect
      label={t("typologyRule.nature")}
      description={hint}
      value={natureOf({ natures })}
      data={NATURES.map((value) => ({ value, label: t(`typologyRule.natures.${value}`) }))}
      onChange={(event) => {
        const nature = NATURES.find((value) => value === event.currentTarget.value) ?? "all";
        onChange(nature === "all" ? undefined : [nature]);
      }}
    />
  );
}

type OneProps<T extends string> = {
  label: string;
  value: T;
  values: readonly T[];
  word: (value: T) => string;
  onChange: (value: T) => void;
};

/** One of a few, all in sight. */
export function OneOfFew<T extends string>({ label, value, values, word, onChange }: OneProps<T>) {
  return (
    <Radio.Group
      label={label}
      value={value}
      onChange={(next) => {
        const found = values.find((each) => each === next);
        if (found !== undefined) onChange(found);
      }}
    >
      <div className={css["radios"]}>
        {values.map((each) => (
          <Radio key={each} value={each} label={word(each)} />
        ))}
      </div>
    </Radio.Group>
  );
}

type FootProps = { said: string | undefined; word: string; isFull: boolean; onAdd: () => void };

/** Below rows that can be added to: what is said about all of them, and one more. */
export function RowsFoot({ said, word, isFull, onAdd }: FootProps) {
  return (
    <>
      {said !== undefined && (
        <p className={css["error"]} role="alert">
          {said}
        </p>
      )}
      {!isFull && (
        <Button
          variant="default"
          size="xs"
          w="fit-content"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={onAdd}
        >
          {word}
        </Button>
      )}
    </>
  );
}
