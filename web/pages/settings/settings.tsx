/** Settings of the whole platform. What was analysed keeps the settings of its analysis. */
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

import { ApiProblem } from "../../api.ts";
import { LANGUAGES, type Language } from "../../i18n/index.ts";
import shared from "../../parts/form.module.css";
import { Failure, Notice } from "../../parts/notice.tsx";
import { PageHead } from "../../parts/page.tsx";
import { useSettingsEditor, WithSettings } from "../../parts/settings-editor.tsx";
import type { StoredSettings } from "../../queries.ts";
import { ArchiveSettings } from "./archive-settings.tsx";
import { FormatRules } from "./format-rules.tsx";
import { QuarantineSettings } from "./quarantine-settings.tsx";
import { RetentionRuns } from "./retention-runs.tsx";
import { RetentionSettings } from "./retention-settings.tsx";
import { SenderSettings } from "./sender-settings.tsx";
import { draftOf, errorsOf, isSize, type PlainField, requestOf } from "./view-model.ts";

export function Settings() {
  const { t } = useTranslation();
  return (
    <WithSettings head={<PageHead title={t("settings.title")} />}>{(stored) => <Form stored={stored} />}</WithSettings>
  );
}

function Form({ stored }: { stored: StoredSettings }) {
  const { t } = useTranslation();
  const form = useRef<HTMLDivElement>(null);
  const { draft, set, dirty, save, problem } = useSettingsEditor(stored, draftOf(stored), (typed) => {
    if (!isSize(typed.maxAttachment)) throw sizeProblem(t("settings.noSize"));
    return requestOf(typed);
  });
  const { fields, periods, others } = errorsOf(problem);
  useEffect(() => {
    if (problem !== null) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [problem]);
  const field = (name: PlainField) => ({
    label: t(`settings.${name}`),
    description: t(`settings.hint.${name}`),
    value: draft[name],
    error: fields[name],
    onChange: (event: { currentTarget: { value: string } }) => set({ [name]: event.currentTarget.value }),
  });
  const count = Object.keys(fields).length + Object.keys(periods).length + others.length;
  return (
    <div ref={form}>
      <PageHead
        title={t("settings.title")}
        actions={
          <Button onClick={() => save.mutate()} loading={save.isPending} disabled={!dirty}>
            {t("editor.save")}
          </Button>
        }
      />
      <div className={shared["form"]}>
        {save.isError && count === 0 && <Failure error={save.error} />}
        {count > 0 && (
          <Notice tone="failed" icon={IconAlertTriangle} title={t("problem.fields", { count })}>
            {others.map((each) => (
              <p key={each}>{each}</p>
            ))}
          </Notice>
        )}
        <fieldset className={shared["group"]}>
          <legend>{t("settings.group.public")}</legend>
          <div className={shared["pair"]}>
            <TextInput {...field("organisation")} />
            <NativeSelect
              label={t("settings.language")}
              description={t("settings.hint.language")}
              value={draft.language}
              data={(Object.keys(LANGUAGES) as Language[]).map((value) => ({ value, label: LANGUAGES[value] }))}
              onChange={(event) => set({ language: event.currentTarget.value as Language })}
            />
          </div>
          <TextInput inputMode="url" placeholder="https://www.example.com/logo.png" {...field("logoUrl")} />
        </fieldset>
        <SenderSettings
          draft={draft.senders}
          set={(part) => set({ senders: { ...draft.senders, ...part } })}
          errors={fields}
        />
        <fieldset className={shared["group"]}>
          <legend>{t("settings.group.addresses")}</legend>
          <div className={shared["pair"]}>
            <TextInput inputMode="email" placeholder="bounces@example.com" {...field("errorAddress")} />
            <TextInput placeholder="bounces.example.com" {...field("bounceDomain")} />
            <TextInput inputMode="email" placeholder="postmaster@example.com" {...field("unqualifiedAddress")} />
            <TextInput inputMode="email" placeholder="unsubscribe@example.com" {...field("unsubscribeAddress")} />
            <TextInput inputMode="email" placeholder="complaints@example.com" {...field("feedbackAddress")} />
            <TextInput inputMode="email" placeholder="postmaster@example.com" {...field("forwardAddress")} />
            <TextInput placeholder="30d" {...field("inboundRetention")} />
          </div>
        </fieldset>
        <fieldset className={shared["group"]}>
          <legend>{t("settings.group.content")}</legend>
          <TextInput inputMode="decimal" w={320} maw="100%" {...field("maxAttachment")} />
          <FormatRules
            rules={draft.formatRules}
            error={fields.formatRules}
            onChange={(formatRules) => set({ formatRules })}
          />
        </fieldset>
        <fieldset className={shared["group"]}>
          <legend>{t("settings.group.sending")}</legend>
          <TextInput w={320} maw="100%" placeholder="84h" {...field("validityCap")} />
        </fieldset>
        <QuarantineSettings
          draft={draft.quarantine}
          set={(part) => set({ quarantine: { ...draft.quarantine, ...part } })}
          errors={fields}
        />
        <ArchiveSettings draft={draft} set={set} errors={fields} />
        <RetentionSettings
          draft={draft.retention}
          set={(part) => set({ retention: { ...draft.retention, ...part } })}
          errors={periods}
        />
        <RetentionRuns />
      </div>
    </div>
  );
}

const sizeProblem = (message: string) =>
  new ApiProblem({
    type: "about:blank",
    title: message,
    status: 422,
    detail: "",
    code: "invalid-input",
    errors: [{ pointer: "/maxAttachmentBytes", code: "no-number", message }],
  });
