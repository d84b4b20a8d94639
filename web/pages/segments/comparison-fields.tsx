/** A comparison: an attribute or a field, a word that its type knows, and what it is compared with. */
import { NativeSelect, TagsInput, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { attributesQuery, coverageQuery } from "../../queries-audience.ts";
import {
  type Comparison,
  isWord,
  keyOf,
  OPERATORS,
  type Subject,
  subjectsOf,
  typed,
  type ValueType,
  withSubject,
  withWord,
  wordsFor,
} from "./comparing.ts";
import css from "./segments.module.css";
import type { Tree } from "./tree.ts";

type Props = { node: Comparison; onChange: (node: Tree) => void };

function useSubjects(): Subject[] {
  const { t } = useTranslation();
  const declared = useQuery(attributesQuery).data?.data ?? [];
  const coverage = useQuery({ ...coverageQuery, staleTime: 60_000 }).data?.data ?? [];
  return subjectsOf(declared, coverage, (field) => t(`segments.field.${field}`));
}

export function ComparisonFields({ node, onChange }: Props) {
  const { t } = useTranslation();
  const subjects = useSubjects();
  const key = keyOf(node);
  const subject = subjects.find((each) => each.key === key);
  // Nobody has it (any more): by its word, as the server would.
  const type: ValueType = subject?.type ?? (isWord(node.is) ? (OPERATORS[node.is].types[0] ?? "text") : "text");
  const words = wordsFor(type);
  return (
    <>
      <NativeSelect
        aria-label={t("segments.subject")}
        value={key}
        data={[
          ...(subject === undefined ? [{ value: key, label: key.replace(/^\S+ /, "") }] : []),
          ...subjects.map((each) => ({ value: each.key, label: each.label })),
        ]}
        onChange={(event) => {
          const next = subjects.find((each) => each.key === event.currentTarget.value);
          if (next !== undefined) onChange(withSubject(node, next, type));
        }}
      />
      <NativeSelect
        aria-label={t("segments.comparison")}
        value={node.is}
        data={[...new Set([...(isWord(node.is) ? [node.is] : []), ...words])].map((word) => ({
          value: word,
          label: t(`segments.is.${word}`),
        }))}
        onChange={(event) => {
          const word = event.currentTarget.value;
          if (isWord(word)) onChange(withWord(node, word, type));
        }}
      />
      <OperandFields node={node} type={type} values={subject?.values} onChange={onChange} />
    </>
  );
}

type OperandProps = Props & { type: ValueType; values: readonly string[] | undefined };

function OperandFields({ node, type, values, onChange }: OperandProps) {
  const { t } = useTranslation();
  const set = (value: Comparison["value"]) => onChange({ ...node, value } as Comparison);
  const kind = isWord(node.is) ? OPERATORS[node.is].operand : "value";
  const text = (one: string | number | boolean | readonly (string | number)[] | undefined) =>
    one === undefined ? "" : Array.isArray(one) ? one.join() : String(one as string | number | boolean);
  const { value } = node;
  if (kind === "none") return null;
  if (kind === "values") {
    return (
      <TagsInput
        aria-label={t("segments.values")}
        placeholder={t("segments.valuesHint")}
        className={css["wide"] ?? ""}
        data={values === undefined ? [] : [...values]}
        value={Array.isArray(value) ? value.map(String) : []}
        splitChars={[",", ";"]}
        onChange={(list) => set(list.map((each) => typed(each, type)))}
      />
    );
  }
  if (kind === "range") {
    const [from, to] = Array.isArray(value) ? (value as (string | number)[]) : [];
    return (
      <>
        <One label={t("segments.from")} type={type} value={text(from)} onChange={(one) => set([one, to ?? ""])} />
        <span className={css["word"]}>–</span>
        <One label={t("segments.to")} type={type} value={text(to)} onChange={(one) => set([from ?? "", one])} />
      </>
    );
  }
  if (type === "boolean" || (values !== undefined && kind === "value")) {
    const words = values ?? ["true", "false"];
    return (
      <NativeSelect
        aria-label={t("segments.value")}
        value={text(value)}
        data={[
          ...(words.includes(text(value)) ? [] : [{ value: text(value), label: text(value) || t("wizard.choose") }]),
          ...words.map((word) => ({
            value: word,
            label: type === "boolean" ? t(`attributes.truth.${word as "true"}`) : word,
          })),
        ]}
        onChange={(event) => set(type === "boolean" ? event.currentTarget.value === "true" : event.currentTarget.value)}
      />
    );
  }
  if (kind === "duration") {
    return (
      <TextInput
        aria-label={t("segments.duration")}
        placeholder="30d"
        w={80}
        value={text(value)}
        onChange={(event) => set(event.currentTarget.value)}
      />
    );
  }
  return (
    <One label={t("segments.value")} type={kind === "days" ? "number" : type} value={text(value)} onChange={set} />
  );
}

type OneProps = { label: string; type: ValueType; value: string; onChange: (value: string | number) => void };

function One({ label, type, value, onChange }: OneProps) {
  const isDay = type === "date" || (type === "timestamp" && (value === "" || /^\d{4}-\d{2}-\d{2}$/.test(value)));
  return (
    <TextInput
      aria-label={label}
      className={css["value"] ?? ""}
      type={isDay ? "date" : "text"}
      inputMode={type === "number" ? "decimal" : "text"}
      value={value}
      onChange={(event) => onChange(typed(event.currentTarget.value, type))}
    />
  );
}
