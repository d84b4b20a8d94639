/** The field of one property, by the type of its value. */
import { NativeSelect, NumberInput, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { Property } from "../../../src/contract/index.ts";
import { nameOf, optionWord } from "./view-model.ts";

type Props = {
  path: string;
  property: Property;
  value: unknown;
  error: string | undefined;
  readOnly: boolean;
  things: ReadonlyMap<string, string>;
  onChange: (value: unknown) => void;
};

export function PropertyField({ path, property, value, error, readOnly, things, onChange }: Props) {
  const { t } = useTranslation();
  const { type } = property;
  const shared = { "aria-label": nameOf(t, path), "data-property": path, error, size: "xs" } as const;
  const choose = (data: { value: string; label: string }[], read: (text: string) => unknown) => (
    <NativeSelect
      {...shared}
      disabled={readOnly}
      data={data}
      value={value === null || value === undefined ? "" : String(value as string | boolean)}
      onChange={(event) => onChange(event.currentTarget.value === "" ? null : read(event.currentTarget.value))}
    />
  );
  const unset = property.default === undefined && !property.required ? [{ value: "", label: t("property.none") }] : [];
  if (type.kind === "switch") {
    const words = ([true, false] as const).map((on) => ({
      value: String(on),
      label: t(on ? "property.on" : "property.off"),
    }));
    return choose([...unset, ...words], (text) => text === "true");
  }
  if (type.kind === "choice") {
    const options = type.options.map((option) => ({ value: option, label: optionWord(t, path, option) }));
    return choose([...unset, ...options], (text) => text);
  }
  if (type.kind === "id") {
    const options = [...things].map(([id, label]) => ({ value: id, label }));
    return choose([...unset, ...options], (text) => text);
  }
  if (type.kind === "number") {
    return (
      <NumberInput
        {...shared}
        readOnly={readOnly}
        placeholder={t("property.none")}
        value={typeof value === "number" ? value : ""}
        allowDecimal={false}
        allowNegative={false}
        hideControls
        thousandSeparator={false}
        onChange={(next) => onChange(typeof next === "number" ? next : null)}
      />
    );
  }
  return (
    <TextInput
      {...shared}
      readOnly={readOnly}
      placeholder={t("property.none")}
      value={typeof value === "string" ? value : ""}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
