/** Rules of operators: control rules as forms; those of other kinds with what can be changed here. */
import { ActionIcon, Button, NativeSelect, NumberInput, Switch, Textarea, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import { LEVELS, PHASES } from "../../../src/contract/typologies.ts";
import { FormGroup } from "../../parts/editor-page.tsx";
import type { FieldErrors } from "../../parts/field-errors.ts";
import form from "../../parts/form.module.css";
import { LanguageWords } from "./language-words.tsx";
import { TryExpression } from "./try-expression.tsx";
import css from "./typologies.module.css";
import {
  type ControlDraft,
  emptyControlRule,
  type OwnDraft,
  SHOWN_IN_CARD,
  type TypologyDraft,
  type TypologyField,
} from "./typology-draft.ts";

const MONO = { input: { fontFamily: "var(--mono)", fontSize: 12.5 } };
const PRE = { style: { whiteSpace: "pre-line" as const } };

type Errors = FieldErrors<TypologyField>["fields"];
type Props = {
  draft: TypologyDraft;
  set: (part: Partial<TypologyDraft>) => void;
  errors: Errors;
  readOnly: boolean;
};

export function OwnRules({ draft: { own }, set, errors, readOnly }: Props) {
  const { t } = useTranslation();
  const change = (key: string, part: Partial<ControlDraft>) =>
    set({ own: own.map((rule) => (rule.key === key ? ({ ...rule, ...part } as OwnDraft) : rule)) });
  const remove = (key: string) => set({ own: own.filter((rule) => rule.key !== key) });
  const added = own.filter(({ key }) => key.startsWith("new")).length;
  if (readOnly && own.length === 0) return null;
  return (
    <FormGroup title={t("typologies.own")}>
      <p className={form["hint"]}>{t("typologies.ownHint")}</p>
      {own.map((rule, index) => (
        <Card
          key={rule.key}
          rule={rule}
          readOnly={readOnly}
          errorOf={(field) => errors[`own/${index}/${field}`]}
          others={othersOf(errors, index)}
          change={(part) => change(rule.key, part)}
          remove={() => remove(rule.key)}
        />
      ))}
      {!readOnly && (
        <Button
          variant="default"
          size="xs"
          w="fit-content"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => set({ own: [...own, emptyControlRule(added + Date.now())] })}
        >
          {t("typologies.addRule")}
        </Button>
      )}
      <LanguageWords />
    </FormGroup>
  );
}

/** What no field of the card shows. */
function othersOf(errors: Errors, index: number): string[] {
  const prefix = `own/${index}/`;
  return Object.entries(errors)
    .filter(([field]) => field.startsWith(prefix) && !SHOWN_IN_CARD.includes(field.slice(prefix.length)))
    .map(([, message]) => message ?? "");
}

type CardProps = {
  rule: OwnDraft;
  readOnly: boolean;
  errorOf: (field: string) => string | undefined;
  others: readonly string[];
  change: (part: Partial<ControlDraft>) => void;
  remove: () => void;
};

function Card(props: CardProps) {
  const { rule, readOnly, errorOf, others, change, remove } = props;
  const { t } = useTranslation();
  return (
    <div className={css["card"]} role="group" aria-label={rule.name || t("typologies.newRule")}>
      <div className={css["head"]}>
        <TextInput
          label={t("typologies.ruleName")}
          value={rule.name}
          error={errorOf("name")}
          readOnly={readOnly}
          maxLength={200}
          autoComplete="off"
          onChange={(event) => change({ name: event.currentTarget.value })}
        />
        <NumberInput
          label={t("typologies.order")}
          value={rule.order}
          error={errorOf("order")}
          readOnly={readOnly}
          min={0}
          max={1000}
          allowDecimal={false}
          allowNegative={false}
          hideControls
          onChange={(value) => change({ order: typeof value === "number" ? value : "" })}
        />
        <Switch
          label={t("typologies.active")}
          checked={rule.active}
          disabled={readOnly}
          onChange={(event) => change({ active: event.currentTarget.checked })}
        />
        {!readOnly && (
          <ActionIcon variant="default" size={36} aria-label={t("typologies.removeRule")} onClick={remove}>
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        )}
      </div>
      {others.map((message) => (
        <p key={message} className={css["error"]} role="alert">
          {message}
        </p>
      ))}
      {rule.kind === "control" ? <Control {...props} rule={rule} /> : <Other rule={rule} />}
    </div>
  );
}

function Control({ rule, readOnly, errorOf, change }: Omit<CardProps, "rule"> & { rule: ControlDraft }) {
  const { t } = useTranslation();
  return (
    <>
      <div className={form["pair"]}>
        <NativeSelect
          label={t("typologies.phaseLabel")}
          value={rule.phase}
          error={errorOf("phase")}
          disabled={readOnly}
          data={PHASES.map((value) => ({ value, label: t(`typologies.phase.${value}`) }))}
          onChange={(event) => change({ phase: event.currentTarget.value as ControlDraft["phase"] })}
        />
        <NativeSelect
          label={t("typologies.level")}
          value={rule.level}
          error={errorOf("level")}
          disabled={readOnly}
          data={LEVELS.map((value) => ({ value, label: t(`typologies.levels.${value}`) }))}
          onChange={(event) => change({ level: event.currentTarget.value as ControlDraft["level"] })}
        />
      </div>
      <Textarea
        label={t("typologies.expression")}
        description={t("typologies.expressionHint")}
        placeholder="length(content.subject) <= 60"
        value={rule.expression}
        error={errorOf("expression")}
        errorProps={PRE}
        readOnly={readOnly}
        maxLength={4000}
        autosize
        minRows={2}
        maxRows={12}
        spellCheck={false}
        styles={MONO}
        onChange={(event) => change({ expression: event.currentTarget.value })}
      />
      <TextInput
        label={t("typologies.message")}
        description={t("typologies.messageHint")}
        value={rule.message}
        error={errorOf("message")}
        readOnly={readOnly}
        maxLength={500}
        autoComplete="off"
        onChange={(event) => change({ message: event.currentTarget.value })}
      />
      <TryExpression phase={rule.phase} expression={rule.expression} />
    </>
  );
}

/** What a rule of another kind says is shown as the API has it. */
function Other({ rule }: { rule: Extract<OwnDraft, { kind: "filtering" | "pressure" | "capacity" }> }) {
  const { t } = useTranslation();
  const shown = Object.entries(rule).filter(([field]) => !COMMON.has(field));
  return (
    <details className={css["definition"]}>
      <summary>{t(`typologies.kinds.${rule.kind}`)}</summary>
      <pre className="mono">{JSON.stringify(Object.fromEntries(shown), null, 2)}</pre>
    </details>
  );
}

const COMMON = new Set(["key", "kind", "id", "name", "active", "order"]);
