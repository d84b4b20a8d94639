/** What is different for single reasons: a line each. */
import { ActionIcon, Button, Checkbox, NativeSelect, NumberInput, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import shared from "../../parts/form.module.css";
import { freeReason, QUARANTINE_REASONS, type ReasonDraft } from "./quarantine-draft.ts";
import css from "./settings.module.css";

type Props = { lines: readonly ReasonDraft[]; error: string | undefined; onChange: (lines: ReasonDraft[]) => void };

export function QuarantineReasons({ lines, error, onChange }: Props) {
  const { t } = useTranslation();
  const free = freeReason(lines);
  const change = (index: number, part: Partial<ReasonDraft>) =>
    onChange(lines.map((each, at) => (at === index ? { ...each, ...part } : each)));
  return (
    <div className={css["rules"]}>
      <p className={css["rulesTitle"]}>{t("quarantineSettings.reasons")}</p>
      <p className={shared["hint"]}>{t("quarantineSettings.hint.reasons")}</p>
      {error !== undefined && <p className={css["refusal"]}>{error}</p>}
      {lines.map((line, index) => (
        <ReasonLine
          key={line.reason}
          line={line}
          taken={lines.map(({ reason }) => reason)}
          invalid={error !== undefined}
          onChange={(part) => change(index, part)}
          onRemove={() => onChange(lines.filter((_, at) => at !== index))}
        />
      ))}
      {free !== null && (
        <Button
          className={css["start"] ?? ""}
          size="xs"
          variant="default"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() =>
            onChange([...lines, { reason: free, limit: "", unlimited: false, resetAfter: "", longest: "" }])
          }
        >
          {t("quarantineSettings.addReason")}
        </Button>
      )}
    </div>
  );
}

type LineProps = {
  line: ReasonDraft;
  taken: readonly ReasonDraft["reason"][];
  invalid: boolean;
  onChange: (part: Partial<ReasonDraft>) => void;
  onRemove: () => void;
};

function ReasonLine({ line, taken, invalid, onChange, onRemove }: LineProps) {
  const { t } = useTranslation();
  const word = t(`reason.${line.reason}`);
  const named = (name: "softLimit" | "resetAfter" | "longest") => ({
    label: t(`quarantineSettings.${name}`),
    "aria-label": `${t(`quarantineSettings.${name}`)}: ${word}`,
    error: invalid,
    placeholder: t(name === "longest" ? "common.none" : "quarantineSettings.asAll"),
  });
  const free = QUARANTINE_REASONS.filter((reason) => reason === line.reason || !taken.includes(reason));
  return (
    <div className={css["reason"]}>
      <NativeSelect
        label={t("quarantine.col.reason")}
        value={line.reason}
        data={free.map((value) => ({ value, label: t(`reason.${value}`) }))}
        onChange={(event) =>
          onChange({ reason: free.find((each) => each === event.currentTarget.value) ?? line.reason })
        }
      />
      <NumberInput
        {...named("softLimit")}
        value={line.unlimited ? "" : line.limit}
        disabled={line.unlimited}
        allowDecimal={false}
        allowNegative={false}
        min={1}
        max={1000}
        hideControls
        onChange={(value) => onChange({ limit: typeof value === "number" ? value : "" })}
      />
      <TextInput
        {...named("resetAfter")}
        value={line.resetAfter}
        onChange={(event) => onChange({ resetAfter: event.currentTarget.value })}
      />
      <TextInput
        {...named("longest")}
        value={line.longest}
        onChange={(event) => onChange({ longest: event.currentTarget.value })}
      />
      <ActionIcon
        variant="subtle"
        c="var(--muted)"
        size={36}
        aria-label={`${t("common.remove")}: ${word}`}
        onClick={onRemove}
      >
        <IconTrash size={16} aria-hidden />
      </ActionIcon>
      <Checkbox
        className={css["unlimited"] ?? ""}
        size="xs"
        label={t("quarantineSettings.unlimited")}
        checked={line.unlimited}
        onChange={(event) => onChange({ unlimited: event.currentTarget.checked })}
      />
    </div>
  );
}
