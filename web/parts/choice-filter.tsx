/** A filter that is one of some values, or any. */
import { NativeSelect } from "@mantine/core";
import { useTranslation } from "react-i18next";

type Props<T extends string> = {
  label: string;
  width: number;
  /** Undefined: any. */
  value: T | undefined;
  values: readonly T[];
  word: (value: T) => string;
  onChange: (value: T | undefined) => void;
};

export function ChoiceFilter<T extends string>({ label, width, value, values, word, onChange }: Props<T>) {
  const { t } = useTranslation();
  return (
    <NativeSelect
      label={label}
      w={width}
      value={value ?? ""}
      data={[{ value: "", label: t("log.any") }, ...values.map((each) => ({ value: each, label: word(each) }))]}
      onChange={(event) => onChange(values.find((each) => each === event.currentTarget.value))}
    />
  );
}
