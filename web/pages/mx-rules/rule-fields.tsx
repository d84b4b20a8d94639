/** The fields of one MX rule: where it applies, what it limits, how connections are made. */
import { NativeSelect, NumberInput, Switch, Textarea, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { FormGroup } from "../../parts/editor-page.tsx";
import { fieldsOf, type FormProps } from "../../parts/form-fields.ts";
import form from "../../parts/form.module.css";
import { COUNTED_PER, type RuleDraft, TLS } from "./rule-draft.ts";

type Props = FormProps<RuleDraft>;

function useRuleField(props: Props) {
  const { t } = useTranslation();
  return fieldsOf(props, (name) => t(`ruleForm.${name}`));
}

export function RuleFields(props: Props) {
  return (
    <>
      <Place {...props} />
      <Limits {...props} />
      <Connection {...props} />
    </>
  );
}

function Place(props: Props) {
  const { t } = useTranslation();
  const field = useRuleField(props);
  return (
    <FormGroup title={t("ruleForm.who")}>
      <TextInput {...field.text("name")} />
      <Textarea
        {...field.text("mx")}
        description={t("ruleForm.mxHint")}
        placeholder={"*.mail.example.net\nmx?.example.org"}
        rows={3}
        spellCheck={false}
        styles={{ input: { fontFamily: "var(--mono)", fontSize: 12.5 } }}
      />
      <div className={form["pair"]}>
        <NumberInput {...field.count("sourceFrom")} description={t("ruleForm.sourcesHint")} />
        <NumberInput {...field.count("sourceTo")} />
      </div>
      <Switch {...field.toggle("enabled")} description={t("ruleForm.enabledHint")} />
    </FormGroup>
  );
}

function Limits(props: Props) {
  const { t } = useTranslation();
  const field = useRuleField(props);
  return (
    <FormGroup title={t("ruleForm.limits")}>
      <div className={form["pair"]}>
        <NumberInput {...field.count("connectionsMin")} description={t("ruleForm.connectionsHint")} />
        <NumberInput {...field.count("connectionsMax")} />
      </div>
      <div className={form["pair"]}>
        <NumberInput {...field.count("perHourMin")} description={t("ruleForm.perHourHint")} />
        <NumberInput {...field.count("perHourMax")} />
      </div>
      <div className={form["pair"]}>
        <NumberInput {...field.count("messagesPerConnection")} />
        <NumberInput {...field.count("connectionsPerMinute")} description={t("ruleForm.noLimitHint")} />
      </div>
      <NativeSelect
        {...field.choice("countedPer")}
        data={COUNTED_PER.map((value) => ({ value, label: t(`ruleForm.countedPers.${value}`) }))}
      />
      <Switch {...field.toggle("shared")} description={t("ruleForm.sharedHint")} />
    </FormGroup>
  );
}

function Connection(props: Props) {
  const { t } = useTranslation();
  const field = useRuleField(props);
  return (
    <FormGroup title={t("ruleForm.connection")}>
      <NativeSelect
        {...field.choice("tls")}
        description={t(`rules.tlsMeaning.${props.draft.tls}`)}
        data={TLS.map((value) => ({ value, label: t(`rules.tls.${value}`) }))}
      />
      <div className={form["triple"]}>
        <NumberInput {...field.count("connect")} />
        <NumberInput {...field.count("data")} />
        <NumberInput {...field.count("other")} />
      </div>
      <p className={form["hint"]}>{t("ruleForm.timeoutHint")}</p>
    </FormGroup>
  );
}
