/** What is known of a person, each value by its declared type; what nobody declared is text. Any other attribute can be added. */
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { DeclaredAttribute } from "../../../src/contract/audience-attributes.ts";
import form from "../../parts/form.module.css";
import css from "./recipients.module.css";
import { type Field, fieldsOfRecipient } from "./view-model.ts";

type Values = Readonly<Record<string, string>>;
type Props = {
  values: Values;
  /** As stored: a field that was emptied stays in sight. */
  known: Record<string, unknown>;
  declared: readonly DeclaredAttribute[];
  errors: Partial<Record<string, string>>;
  readOnly: boolean;
  onChange: (values: Values) => void;
};

export function AttributeFields({ values, known, declared, errors, readOnly, onChange }: Props) {
  const { t } = useTranslation();
  const [name, setName] = useState("");
  const fields = fieldsOfRecipient({ ...known, ...values }, declared);
  const wanted = name.trim();
  const canAdd = wanted !== "" && !fields.some((field) => field.name === wanted);
  const add = () => {
    if (!canAdd) return;
    onChange({ ...values, [wanted]: "" });
    setName("");
  };
  return (
    <>
      {fields.length === 0 && <p className="muted">{t("recipients.noAttributes")}</p>}
      <div className={form["pair"]}>
        {fields.map((field) => (
          <ValueField
            key={field.name}
            field={field}
            value={values[field.name] ?? ""}
            error={errors[field.name]}
            readOnly={readOnly}
            onChange={(value) => onChange({ ...values, [field.name]: value })}
          />
        ))}
      </div>
      {!readOnly && (
        <div className={css["addLine"]}>
          <TextInput
            label={t("recipients.anotherAttribute")}
            value={name}
            maxLength={200}
            autoComplete="off"
            onChange={(event) => setName(event.currentTarget.value)}
            onKeyDown={(event) => event.key === "Enter" && add()}
          />
          <Button variant="default" leftSection={<IconPlus size={16} aria-hidden />} disabled={!canAdd} onClick={add}>
            {t("recipients.addAttribute")}
          </Button>
        </div>
      )}
    </>
  );
}

type ValueProps = {
  field: Field;
  value: string;
  error: string | undefined;
  readOnly: boolean;
  onChange: (value: string) => void;
};

function ValueField({ field: { name, attribute }, value, error, readOnly, onChange }: ValueProps) {
  const { t } = useTranslation();
  const label = attribute === null || attribute.label === "" ? name : attribute.label;
  const change = (event: { currentTarget: { value: string } }) => onChange(event.currentTarget.value);
  const shared = { label, error, value, onChange: change };
  const type = attribute?.type ?? "text";
  if (type === "boolean" || type === "enum") {
    const words =
      type === "boolean"
        ? (["true", "false"] as const).map((word) => ({ value: word, label: t(`attributes.truth.${word}`) }))
        : (attribute?.values ?? []).map((word) => ({ value: word, label: word }));
    const strange = value !== "" && !words.some((word) => word.value === value);
    return (
      <NativeSelect
        {...shared}
        disabled={readOnly}
        data={[{ value: "", label: t("attributes.noValue") }, ...words, ...(strange ? [{ value, label: value }] : [])]}
      />
    );
  }
  return (
    <TextInput
      {...shared}
      readOnly={readOnly}
      autoComplete="off"
      type={type === "date" ? "date" : "text"}
      inputMode={type === "number" ? "decimal" : "text"}
      placeholder={type === "timestamp" ? "2024-01-31T09:30:00Z" : ""}
    />
  );
}
