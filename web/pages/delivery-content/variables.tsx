/** `delivery.NAME`: values that this delivery gives its content. */
import { ActionIcon, Button, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import shared from "../../parts/form.module.css";
import css from "./content.module.css";
import type { VariableDraft } from "./draft.ts";
import type { FormProps } from "./field.ts";

export function Variables({ draft, set, errors, readOnly }: FormProps) {
  const { t } = useTranslation();
  const { variables } = draft;
  const change = (index: number, part: Partial<VariableDraft>) =>
    set(
      "variables",
      variables.map((each, at) => (at === index ? { ...each, ...part } : each)),
    );
  return (
    <>
      <p className={shared["hint"]}>
        {t("section.variablesHint", { example: "{{ delivery.shop }}", interpolation: { skipOnVariables: true } })}
      </p>
      {errors.variables !== undefined && <p className={css["refusal"]}>{errors.variables}</p>}
      {variables.map(({ name, value }, index) => (
        <div key={index} className={css["row"]}>
          <TextInput
            aria-label={`${t("section.variableName")} ${index + 1}`}
            placeholder={t("section.variableName")}
            classNames={{ input: css["code"] ?? "" }}
            error={errors.variables?.includes(`${name}:`) ?? false}
            readOnly={readOnly}
            value={name}
            spellCheck={false}
            data-autofocus={name === "" || undefined}
            onChange={(event) => change(index, { name: event.currentTarget.value })}
          />
          <TextInput
            aria-label={`${t("section.variableValue")} ${index + 1}`}
            placeholder={t("section.variableValue")}
            readOnly={readOnly}
            value={value}
            onChange={(event) => change(index, { value: event.currentTarget.value })}
          />
          {!readOnly && (
            <RemoveButton
              label={`${t("common.remove")}: ${name || index + 1}`}
              onClick={() =>
                set(
                  "variables",
                  variables.filter((_, at) => at !== index),
                )
              }
            />
          )}
        </div>
      ))}
      {!readOnly && (
        <Button
          className={css["start"] ?? ""}
          size="xs"
          variant="default"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => set("variables", [...variables, { name: "", value: "" }])}
        >
          {t("section.addVariable")}
        </Button>
      )}
    </>
  );
}

export function RemoveButton({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <ActionIcon variant="subtle" c="var(--muted)" size={36} aria-label={label} title={label} onClick={onClick}>
      <IconTrash size={16} aria-hidden />
    </ActionIcon>
  );
}
