/** One rule of operators: what it says in words, and its fields, or the rule as JSON, when it is opened. */
import { ActionIcon, SegmentedControl, Switch, TextInput } from "@mantine/core";
import { IconChevronDown, IconChevronUp, IconTrash } from "@tabler/icons-react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";

import { type Move, OrderArrows } from "../../parts/row-order.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { CapacityForm } from "./capacity-form.tsx";
import { ControlForm } from "./control-form.tsx";
import { CountNow, FilteringForm } from "./filtering-form.tsx";
import { JsonView } from "./json-view.tsx";
import { PressureForm } from "./pressure-form.tsx";
import { hasForm, isNew, type OwnDraft } from "./rule-draft.ts";
import { fieldsOf, placed, type PlacedErrors, saidAt } from "./rule-errors.ts";
import { CountInput } from "./rule-inputs.tsx";
import { ruleWords } from "./rule-words.ts";
import { TryExpression } from "./try-expression.tsx";
import css from "./typologies.module.css";
import { useRuleNames } from "./use-rule-names.ts";

export type CardProps = {
  rule: OwnDraft;
  /** By the path in the rule. */
  errors: Readonly<Record<string, string>>;
  readOnly: boolean;
  /** Its place among those that wait for each other. */
  ends: { isFirst: boolean; isLast: boolean };
  typology: string | null;
  onChange: (rule: OwnDraft) => void;
  onMove: Move;
  onRemove: () => void;
};

export function RuleCard({ rule, errors, readOnly, ends, typology, onChange, onMove, onRemove }: CardProps) {
  const { t } = useTranslation();
  const [isOpened, setOpened] = useState(isNew(rule));
  // What is refused is in sight.
  const isOpen = isOpened || Object.keys(errors).length > 0;
  const body = useId();
  const name = rule.name.trim() || t("typologies.newRule");
  return (
    <div className={css["card"]} role="group" aria-label={name}>
      <div className={css["head"]}>
        <Switch
          aria-label={`${t("typologies.active")}: ${name}`}
          checked={rule.active}
          disabled={readOnly}
          onChange={(event) => onChange({ ...rule, active: event.currentTarget.checked })}
        />
        <div className={css["title"]}>
          <b className={rule.active ? undefined : css["off"]}>{name}</b>
          <Words rule={rule} />
        </div>
        <div className={css["acts"]}>
          {!readOnly && !(ends.isFirst && ends.isLast) && (
            <OrderArrows row={{ id: rule.key, name }} {...ends} move={onMove} />
          )}
          <ActionIcon
            variant="subtle"
            size={28}
            c="var(--ink)"
            aria-label={t("typologyRule.edit", { name })}
            aria-expanded={isOpen}
            aria-controls={body}
            onClick={() => setOpened(!isOpen)}
          >
            {isOpen ? <IconChevronUp size={16} aria-hidden /> : <IconChevronDown size={16} aria-hidden />}
          </ActionIcon>
          {!readOnly && (
            <ActionIcon
              variant="subtle"
              size={28}
              c="var(--muted)"
              aria-label={t("typologyRule.remove", { name })}
              onClick={onRemove}
            >
              <IconTrash size={16} aria-hidden />
            </ActionIcon>
          )}
        </div>
      </div>
      {isOpen && (
        <div id={body} className={css["body"]}>
          <Body rule={rule} errors={errors} readOnly={readOnly} typology={typology} onChange={onChange} />
        </div>
      )}
    </div>
  );
}

function Words({ rule }: { rule: OwnDraft }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { nameOf } = useRuleNames();
  const words = ruleWords(rule, { t, int: formats.int, nameOf });
  if (words !== null) return <p className={css["says"]}>{words}</p>;
  return <p className={css["says"]}>{t(hasForm(rule) ? "typologyRule.incomplete" : "typologyRule.onlyJson")}</p>;
}

const VIEWS = ["fields", "json"] as const;
type BodyProps = Pick<CardProps, "rule" | "errors" | "readOnly" | "typology" | "onChange">;

function Body(props: BodyProps) {
  const { rule, readOnly, onChange } = props;
  const { t } = useTranslation();
  const [chosen, setChosen] = useState<(typeof VIEWS)[number]>("fields");
  const view = hasForm(rule) ? chosen : "json";
  const errors = placed(view === "fields" ? fieldsOf(rule) : ["name", "order"], props.errors);
  const { name: _name, order: _order, ...inJson } = errors;
  return (
    <>
      <div className={css["partHead"]}>
        <TextInput
          label={t("typologies.ruleName")}
          value={rule.name}
          error={saidAt(errors, "name")}
          readOnly={readOnly}
          maxLength={200}
          autoComplete="off"
          onChange={(event) => onChange({ ...rule, name: event.currentTarget.value })}
        />
        <CountInput
          label={t("typologies.order")}
          value={rule.order}
          max={1000}
          error={saidAt(errors, "order")}
          readOnly={readOnly}
          onChange={(order) => onChange({ ...rule, order })}
        />
        {hasForm(rule) && (
          <SegmentedControl
            size="xs"
            aria-label={t("typologyRule.form")}
            value={view}
            data={VIEWS.map((value) => ({ value, label: t(`typologyRule.forms.${value}`) }))}
            onChange={(value) => setChosen(value === "json" ? "json" : "fields")}
          />
        )}
      </div>
      {view === "json" ? (
        <JsonView rule={rule} errors={inJson} readOnly={readOnly} onChange={onChange} />
      ) : (
        <Fields {...props} errors={errors} />
      )}
    </>
  );
}

/** What asks and saves nothing works for readers, too. */
function Fields({ rule, errors, readOnly, typology, onChange }: Omit<BodyProps, "errors"> & { errors: PlacedErrors }) {
  const shared = { errors, readOnly };
  const of = (changed: OwnDraft | Omit<OwnDraft, "key">) => onChange({ ...changed, key: rule.key } as OwnDraft);
  return (
    <>
      {errors[""]?.map(({ rest, message }) => (
        <p key={rest} className={css["error"]} role="alert">
          {rest}: {message}
        </p>
      ))}
      <fieldset disabled={readOnly} className={css["fields"]}>
        {rule.kind === "control" && <ControlForm {...shared} rule={rule} onChange={of} />}
        {rule.kind === "filtering" && <FilteringForm {...shared} rule={rule} onChange={of} />}
        {rule.kind === "pressure" && <PressureForm {...shared} rule={rule} onChange={of} />}
        {rule.kind === "capacity" && <CapacityForm {...shared} rule={rule} typology={typology} onChange={of} />}
      </fieldset>
      {rule.kind === "control" && <TryExpression phase={rule.phase} expression={rule.expression} />}
      {rule.kind === "filtering" && <CountNow exclude={rule.exclude} />}
    </>
  );
}
