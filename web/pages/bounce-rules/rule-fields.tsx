/** The fields of one bounce rule: its name, when it applies, what it says, its examples. */
import { Chip, NativeSelect, Switch, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { FormGroup } from "../../parts/editor-page.tsx";
import { fieldsOf } from "../../parts/form-fields.ts";
import form from "../../parts/form.module.css";
import { shippedRulesQuery } from "../../queries-bounces.ts";
import { REASONS } from "../message-log/view-model.ts";
import css from "./bounce-rules.module.css";
import { ExampleFields } from "./example-fields.tsx";
import { ACTIONS, type BounceDraft, type BounceFormProps, SCOPES, STAGES, TYPES } from "./rule-draft.ts";

const MONO = { input: { fontFamily: "var(--mono)", fontSize: 12.5 } };

function useFields(props: BounceFormProps) {
  const { t } = useTranslation();
  return fieldsOf<BounceDraft>(props, (name) => t(`bounceForm.${name}`));
}

export function BounceRuleFields(props: BounceFormProps) {
  return (
    <>
      <Naming {...props} />
      <Conditions {...props} />
      <Verdict {...props} />
      <ExampleFields {...props} />
    </>
  );
}

function Naming(props: BounceFormProps) {
  const { t } = useTranslation();
  const field = useFields(props);
  return (
    <FormGroup>
      <TextInput {...field.text("name")} description={t("bounceForm.nameHint")} spellCheck={false} styles={MONO} />
      <Switch {...field.toggle("enabled")} description={t("bounceForm.enabledHint")} />
      <TextInput {...field.text("source")} description={t("bounceForm.sourceHint")} />
    </FormGroup>
  );
}

function Conditions(props: BounceFormProps) {
  const { t } = useTranslation();
  const field = useFields(props);
  return (
    <FormGroup title={t("bounceForm.when")}>
      <p className={form["hint"]}>{t("bounceForm.whenHint")}</p>
      <Stages {...props} />
      <div className={form["pair"]}>
        <TextInput {...field.text("code")} placeholder={t("bounceForm.codeHint")} spellCheck={false} styles={MONO} />
        <TextInput
          {...field.text("enhanced")}
          placeholder={t("bounceForm.enhancedHint")}
          spellCheck={false}
          styles={MONO}
        />
      </div>
      <Textarea
        {...field.text("text")}
        description={t("bounceForm.textHint")}
        autosize
        minRows={3}
        maxRows={14}
        spellCheck={false}
        styles={MONO}
      />
      <WordLists />
      <Textarea
        {...field.text("notText")}
        description={t("bounceForm.notTextHint")}
        autosize
        minRows={1}
        maxRows={8}
        spellCheck={false}
        styles={MONO}
      />
      <Textarea
        {...field.text("mx")}
        description={t("bounceForm.mxHint")}
        placeholder="example.net"
        autosize
        minRows={1}
        maxRows={8}
        spellCheck={false}
        styles={MONO}
      />
    </FormGroup>
  );
}

function Stages({ draft, set, errors }: BounceFormProps) {
  const { t } = useTranslation();
  return (
    <div role="group" aria-labelledby="stages" className={css["stages"]}>
      <span id="stages" className="mantine-InputWrapper-label">
        {t("bounceForm.stage")} <span className={form["hint"]}>{t("bounceForm.stageHint")}</span>
      </span>
      <Chip.Group multiple value={draft.stage} onChange={(value) => set({ stage: value as BounceDraft["stage"] })}>
        <div className={css["chips"]}>
          {STAGES.map((stage) => (
            <Chip key={stage} value={stage} size="sm" radius="sm" variant="outline">
              {t(`bounces.stage.${stage}`)}
            </Chip>
          ))}
        </div>
      </Chip.Group>
      {errors.stage !== undefined && (
        <p className={css["error"]} role="alert">
          {errors.stage}
        </p>
      )}
    </div>
  );
}

/** What `$name` in a pattern stands for. */
function WordLists() {
  const { t } = useTranslation();
  const lists = useQuery(shippedRulesQuery).data?.words ?? [];
  if (lists.length === 0) return null;
  return (
    <details className={css["words"]}>
      <summary>{t("bounceForm.words")}</summary>
      <dl>
        {lists.map(({ name, words }) => (
          <div key={name}>
            <dt className="mono">${name}</dt>
            <dd title={words.join(", ")}>{words.join(", ")}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

function Verdict(props: BounceFormProps) {
  const { t } = useTranslation();
  const field = useFields(props);
  return (
    <FormGroup title={t("bounceForm.verdict")}>
      <div className={form["pair"]}>
        <NativeSelect
          {...field.choice("type")}
          description={t(`bounces.typeMeaning.${props.draft.type}`)}
          data={TYPES.map((value) => ({ value, label: t(`type.${value}`) }))}
        />
        <NativeSelect
          {...field.choice("reason")}
          data={REASONS.map((value) => ({ value, label: t(`reason.${value}`) }))}
        />
      </div>
      <div className={form["pair"]}>
        <NativeSelect
          {...field.choice("scope")}
          data={SCOPES.map((value) => ({ value, label: t(`bounces.scope.${value}`) }))}
        />
        <NativeSelect
          {...field.choice("action")}
          data={[
            { value: "", label: t("bounces.byCode") },
            ...ACTIONS.map((value) => ({ value, label: t(`bounces.action.${value}`) })),
          ]}
        />
      </div>
    </FormGroup>
  );
}
