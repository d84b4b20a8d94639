/** How many messages can be taken when, what deliveries took of it already, and who stays where it is not enough. */
import { ActionIcon, NativeSelect, TextInput } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { useFormats } from "../../parts/use-now.ts";
import form from "../../parts/form.module.css";
import { capacityQuery } from "../../queries-typologies.ts";
import { type CapacityDraft, type Line, without } from "./rule-draft.ts";
import { type PlacedErrors, saidAt } from "./rule-errors.ts";
import { CountInput, NatureChoice, OneOfFew, type RuleFormProps, RowsFoot } from "./rule-inputs.tsx";
import css from "./typologies.module.css";

const MOST_LINES = 400;
const MOST_MESSAGES = 1_000_000_000;

/** `typology`: its id; null: it is not stored yet. */
type Props = RuleFormProps<CapacityDraft> & { typology: string | null };

export function CapacityForm({ rule, errors, onChange, typology }: Props) {
  const { t } = useTranslation();
  return (
    <>
      <Lines rule={rule} errors={errors} typology={typology} onChange={(lines) => onChange({ ...rule, lines })} />
      <OneOfFew
        label={t("typologyRule.capacity.excess")}
        value={rule.excludeExcess === true ? "excluded" : "told"}
        values={["told", "excluded"]}
        word={(value) => t(`typologyRule.capacity.excesses.${value}`)}
        onChange={(value) => onChange({ ...rule, excludeExcess: value === "excluded" })}
      />
      <div className={`${form["triple"]} ${css["top"]}`}>
        <Ranking rule={rule} errors={errors} onChange={onChange} />
        <NatureChoice
          natures={rule.natures}
          onChange={(natures) => onChange(natures === undefined ? without(rule, "natures") : { ...rule, natures })}
        />
      </div>
    </>
  );
}

const WAYS = ["chance", "descending", "ascending"] as const;

/** Who stays is a question only where somebody goes; what was set before is kept all the same. */
function Ranking({ rule, errors, onChange }: Pick<Props, "rule" | "errors" | "onChange">) {
  const { t } = useTranslation();
  if (rule.excludeExcess !== true && rule.by === undefined) return null;
  return (
    <>
      <NativeSelect
        label={t("typologyRule.capacity.by")}
        value={rule.by === undefined ? "chance" : (rule.by.direction ?? "descending")}
        data={WAYS.map((value) => ({
          value,
          label: t(`typologyRule.capacity.${value === "chance" ? "byChance" : value}`),
        }))}
        onChange={(event) => {
          const direction = WAYS.find((value) => value === event.currentTarget.value) ?? "chance";
          if (direction === "chance") onChange(without(rule, "by"));
          else onChange({ ...rule, by: { attribute: "", ...rule.by, direction } });
        }}
      />
      {rule.by !== undefined && (
        <TextInput
          label={t("typologyRule.capacity.attribute")}
          value={rule.by.attribute}
          error={saidAt(errors, "by/attribute")}
          maxLength={200}
          autoComplete="off"
          onChange={(event) =>
            onChange({ ...rule, by: { direction: "descending", ...rule.by, attribute: event.currentTarget.value } })
          }
        />
      )}
    </>
  );
}

type LinesProps = {
  rule: CapacityDraft;
  errors: PlacedErrors;
  typology: string | null;
  onChange: (lines: readonly Line[]) => void;
};

function Lines({ rule: { id, lines }, errors, typology, onChange }: LinesProps) {
  const { t } = useTranslation();
  const used = useQuery({ ...capacityQuery(typology ?? ""), enabled: typology !== null && id !== undefined }).data
    ?.data;
  const ofRule = used?.find(({ rule }) => rule === id)?.lines ?? [];
  const last = lines.at(-1)?.to ?? "";
  return (
    <div role="group" aria-label={t("typologyRule.capacity.lines")} className={css["lines"]}>
      <p className={form["hint"]}>{t("typologyRule.capacity.linesHint")}</p>
      {lines.map((line, index) => (
        // Periods are what they are by their place.
        <LineFields
          key={index}
          number={index + 1}
          line={line}
          use={ofRule.find(({ from, to }) => from === line.from && to === line.to)}
          errorOf={(field) => saidAt(errors, `lines/${index}/${field}`)}
          onChange={(part) => onChange(lines.map((each, at) => (at === index ? { ...each, ...part } : each)))}
          onRemove={() => onChange(lines.filter((_, at) => at !== index))}
        />
      ))}
      <RowsFoot
        said={saidAt(errors, "lines")}
        word={t("typologyRule.capacity.addLine")}
        isFull={lines.length >= MOST_LINES}
        onAdd={() => onChange([...lines, { from: dayAfter(last), to: "", messages: "" }])}
      />
    </div>
  );
}

function dayAfter(day: string): string {
  const at = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(at) ? "" : new Date(at + 86_400_000).toISOString().slice(0, 10);
}

type LineProps = {
  number: number;
  line: Line;
  use: { consumed: number; remaining: number } | undefined;
  errorOf: (field: string) => string | undefined;
  onChange: (part: Partial<Line>) => void;
  onRemove: () => void;
};

function LineFields({ number, line, use, errorOf, onChange, onRemove }: LineProps) {
  const { t } = useTranslation();
  const formats = useFormats();
  const day = (field: "from" | "to") => (
    <TextInput
      type="date"
      label={t(`typologyRule.capacity.${field}`)}
      value={line[field]}
      error={errorOf(field)}
      onChange={(event) => onChange({ [field]: event.currentTarget.value })}
    />
  );
  return (
    <div className={css["line"]}>
      {day("from")}
      {day("to")}
      <CountInput
        label={t("typologyRule.capacity.messages")}
        value={line.messages}
        max={MOST_MESSAGES}
        error={errorOf("messages")}
        onChange={(messages) => onChange({ messages })}
      />
      <ActionIcon
        variant="default"
        size={36}
        aria-label={t("typologyRule.capacity.removeLine", { n: formats.int(number) })}
        onClick={onRemove}
      >
        <IconTrash size={16} aria-hidden />
      </ActionIcon>
      {use !== undefined && (
        <span className={css["small"]}>
          {t("typologyRule.capacity.used", {
            consumed: formats.int(use.consumed),
            remaining: formats.int(use.remaining),
          })}
        </span>
      )}
    </div>
  );
}
