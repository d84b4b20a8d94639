/** The number of people, typed by whoever starts a large delivery: a slip of the hand starts none. */
import { TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { useFormats } from "../../parts/use-now.ts";
import { readNumber } from "./view-model.ts";

type Props = { people: number; value: string; onChange: (value: string) => void };

export function NumberField({ people, value, onChange }: Props) {
  const { t } = useTranslation();
  const formats = useFormats();
  const typed = readNumber(value);
  const wrong = value !== "" && typed !== people;
  return (
    <TextInput
      label={t("start.number")}
      description={t("start.numberHint", { n: formats.int(people) })}
      error={wrong ? t("start.numberWrong") : undefined}
      inputMode="numeric"
      autoComplete="off"
      data-autofocus
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
