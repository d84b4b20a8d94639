/** The columns of a file, each with some of its values and what becomes of it; and how the whole file is taken. */
import { Autocomplete, Checkbox, NativeSelect, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { DeclaredAttribute } from "../../../src/contract/audience-attributes.ts";
import type { FileLook } from "../../../src/contract/audience-imports.ts";
import { FormGroup } from "../../parts/editor-page.tsx";
import form from "../../parts/form.module.css";
import css from "./imports.module.css";
import { BLANKS, type ImportDraft, MODES, type Target, twiceNamed } from "./mapping.ts";

type Props = {
  draft: ImportDraft;
  look: FileLook;
  declared: readonly DeclaredAttribute[];
  onChange: (draft: ImportDraft) => void;
  /** Nobody's profile is touched: nothing is asked about people, and nothing is declared for them. */
  rowsOnly?: boolean;
};
type Column = FileLook["columns"][number];

/** A list of choices needs its values: it is declared on its own page. */
const DECLARABLE = ["text", "number", "boolean", "date", "timestamp"] as const;

export function MappingFields({ draft, look, declared, onChange, rowsOnly = false }: Props) {
  const { t } = useTranslation();
  const twice = twiceNamed(draft);
  const set = (column: string, part: Partial<Target>) =>
    onChange({
      ...draft,
      targets: draft.targets.map((target) => (target.column === column ? { ...target, ...part } : target)),
    });
  return (
    <>
      <FormGroup title={t("wizard.columns")}>
        <NativeSelect
          label={t("wizard.address")}
          maw={320}
          value={draft.address}
          error={draft.address === "" && t("wizard.noAddress")}
          data={[
            ...(draft.address === "" ? [{ value: "", label: t("wizard.choose") }] : []),
            ...look.columns.map(({ name }) => ({ value: name, label: name })),
          ]}
          onChange={(event) => onChange({ ...draft, address: event.currentTarget.value })}
        />
        <ul className={css["columns"]}>
          {draft.targets.map((target) => {
            const column = look.columns.find(({ name }) => name === target.column);
            if (column === undefined || target.column === draft.address) return null;
            return (
              <ColumnFields
                key={target.column}
                column={column}
                target={target}
                declared={declared}
                mayDeclare={!rowsOnly}
                isTwice={!target.skip && twice.has(target.attribute.trim())}
                onChange={(part) => set(target.column, part)}
              />
            );
          })}
        </ul>
      </FormGroup>
      <HowFields draft={draft} onChange={onChange} rowsOnly={rowsOnly} />
    </>
  );
}

type ColumnProps = {
  column: Column;
  target: Target;
  declared: readonly DeclaredAttribute[];
  mayDeclare: boolean;
  isTwice: boolean;
  onChange: (part: Partial<Target>) => void;
};

function ColumnFields({
  column: { name, samples, looksLike },
  target,
  declared,
  mayDeclare,
  isTwice,
  onChange,
}: ColumnProps) {
  const { t } = useTranslation();
  const known = declared.find((each) => each.name === target.attribute.trim());
  const empty = !target.skip && target.attribute.trim() === "";
  return (
    <li className={css["column"]} data-skipped={target.skip || undefined}>
      <div className={css["columnHead"]}>
        <Checkbox
          checked={!target.skip}
          label={name}
          onChange={(event) => onChange({ skip: !event.currentTarget.checked })}
        />
        <span className={css["samples"]} title={samples.join(", ")}>
          {samples.length === 0 ? t("wizard.noValues") : samples.join(", ")}
        </span>
      </div>
      {!target.skip && (
        <>
          <Autocomplete
            aria-label={t("wizard.becomes", { column: name })}
            error={isTwice ? t("wizard.twice") : empty ? t("wizard.unnamed") : undefined}
            data={declared.map((each) => each.name)}
            value={target.attribute}
            onChange={(attribute) => onChange({ attribute })}
          />
          {known === undefined && mayDeclare && (
            <NativeSelect
              aria-label={t("wizard.typeOf", { column: name })}
              value={target.declare}
              data={[
                { value: "", label: t("wizard.undeclared") },
                ...DECLARABLE.map((type) => ({
                  value: type,
                  label: t(type === looksLike && type !== "text" ? "wizard.declareLikely" : "wizard.declare", {
                    type: t(`attributes.types.${type}`),
                  }),
                })),
              ]}
              onChange={(event) =>
                onChange({ declare: DECLARABLE.find((type) => type === event.currentTarget.value) ?? "" })
              }
            />
          )}
          {known !== undefined && (
            <span className={css["known"]}>{t("wizard.declared", { type: t(`attributes.types.${known.type}`) })}</span>
          )}
        </>
      )}
    </li>
  );
}

function HowFields({ draft, onChange, rowsOnly }: Pick<Props, "draft" | "onChange"> & { rowsOnly: boolean }) {
  const { t } = useTranslation();
  const choice = <N extends "mode" | "onBlank" | "decimal" | "dates">(
    name: N,
    label: string,
    values: readonly ImportDraft[N][],
    word: (value: ImportDraft[N]) => string,
  ) => (
    <NativeSelect
      label={label}
      value={draft[name]}
      data={values.map((value) => ({ value, label: word(value) }))}
      onChange={(event) =>
        onChange({ ...draft, [name]: values.find((value) => value === event.currentTarget.value) ?? draft[name] })
      }
    />
  );
  return (
    <FormGroup title={t("wizard.how")}>
      <div className={form["pair"]}>
        {!rowsOnly && choice("mode", t("wizard.mode"), MODES, (value) => t(`wizard.modes.${value}`))}
        {!rowsOnly && choice("onBlank", t("wizard.blank"), BLANKS, (value) => t(`wizard.blanks.${value}`))}
        {choice("decimal", t("attributes.decimal"), ["", "point", "comma"], (value) =>
          value === "" ? t("attributes.unsaid") : t(`attributes.decimals.${value}`),
        )}
        {choice("dates", t("attributes.dates"), ["", "dmy", "mdy"], (value) =>
          value === "" ? t("attributes.unsaid") : t(`attributes.orders.${value}`),
        )}
      </div>
      {!rowsOnly && (
        <TextInput
          label={t("wizard.label")}
          description={t("wizard.labelHint")}
          maxLength={255}
          value={draft.label}
          onChange={(event) => onChange({ ...draft, label: event.currentTarget.value })}
        />
      )}
    </FormGroup>
  );
}
