/** Who hears of alerts, how often, and from which figures on. */
import { Button, NumberInput, Skeleton, Switch, Textarea, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconAlertTriangle, IconMailForward } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { ALERT_KIND_NAMES, type AlertKind, alertSettingsSchema } from "../../../src/contract/alerts.ts";
import { ApiProblem, post, put } from "../../api.ts";
import { FormGroup } from "../../parts/editor-page.tsx";
import shared from "../../parts/form.module.css";
import { May } from "../../parts/may.tsx";
import { Failure, Notice } from "../../parts/notice.tsx";
import { useToldErrors } from "../../parts/told-errors.ts";
import { type StoredSettings, settingsQuery } from "../../queries.ts";
import css from "./alerts.module.css";
import { TellingHead } from "./telling-head.tsx";
import { type AlertDraft, draftOf, type RuleDraft, settingsOf, thresholdsOf } from "./view-model.ts";

export function AlertSettings() {
  const { t } = useTranslation();
  const query = useQuery(settingsQuery);
  if (query.data !== undefined) return <Form stored={query.data} />;
  return (
    <>
      <TellingHead intro={t("alerts.settingsIntro")} />
      {query.isError ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <Skeleton height={400} radius="md" />
      )}
    </>
  );
}

function Form({ stored }: { stored: StoredSettings }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [typed, setTyped] = useState<{ draft: AlertDraft; stored: StoredSettings } | null>(null);
  const save = useMutation({
    mutationFn: ({ draft, stored: { version, ...before } }: NonNullable<typeof typed>) =>
      put<StoredSettings>("/settings", version, { ...before, alerts: settingsOf(draft) }),
    onSuccess: (saved) => {
      client.setQueryData(settingsQuery.queryKey, saved);
      setTyped(null);
      notifications.show({ message: t("editor.saved"), color: "ink" });
    },
  });
  const draft = typed?.draft ?? draftOf(alertSettingsSchema.parse(stored.alerts));
  const set = (part: Partial<AlertDraft>) =>
    setTyped((before) => ({ stored: before?.stored ?? stored, draft: { ...(before?.draft ?? draft), ...part } }));
  const problem = save.error instanceof ApiProblem ? save.error.problem : null;
  const field = (name: "every" | "remind" | "window") => ({
    label: t(`alerts.${name}`),
    description: t(`alerts.hint.${name}`),
    value: draft[name],
    onChange: (event: { currentTarget: { value: string } }) => set({ [name]: event.currentTarget.value }),
  });
  return (
    <>
      <TellingHead
        intro={t("alerts.settingsIntro")}
        actions={
          <Button
            onClick={() => typed !== null && save.mutate(typed)}
            loading={save.isPending}
            disabled={typed === null}
          >
            {t("editor.save")}
          </Button>
        }
      />
      <div className={shared["form"]}>
        {problem !== null && (
          <Notice tone="failed" icon={IconAlertTriangle} title={problem.title}>
            {(problem.errors ?? [{ pointer: "", message: problem.detail }]).map(({ pointer, message }) => (
              <p key={pointer}>
                {pointer} {message}
              </p>
            ))}
          </Notice>
        )}
        <FormGroup title={t("alerts.who")}>
          <Textarea
            label={t("alerts.addresses")}
            description={t("alerts.hint.addresses")}
            autosize
            minRows={2}
            placeholder="ops@example.com"
            value={draft.addresses}
            onChange={(event) => set({ addresses: event.currentTarget.value })}
          />
          <div className={shared["triple"]}>
            <TextInput {...field("every")} placeholder="10m" />
            <TextInput {...field("remind")} placeholder={t("alerts.never")} />
            <TextInput {...field("window")} placeholder="24h" />
          </div>
          <May>
            <TestMail unsaved={typed !== null} />
          </May>
        </FormGroup>
        <FormGroup title={t("alerts.watched")}>
          <div className={css["rules"]}>
            {ALERT_KIND_NAMES.map((kind) => (
              <Rule
                key={kind}
                kind={kind}
                rule={draft.rules[kind]}
                onChange={(rule) => set({ rules: { ...draft.rules, [kind]: rule } })}
              />
            ))}
          </div>
        </FormGroup>
      </div>
    </>
  );
}

type RuleProps = { kind: AlertKind; rule: RuleDraft; onChange: (rule: RuleDraft) => void };

function Rule({ kind, rule, onChange }: RuleProps) {
  const { t } = useTranslation();
  return (
    <div className={css["rule"]}>
      <Switch
        label={t(`alerts.kind.${kind}`)}
        checked={rule.on}
        onChange={(event) => onChange({ ...rule, on: event.currentTarget.checked })}
      />
      <div className={css["figures"]}>
        {thresholdsOf(kind).map((name) => (
          <NumberInput
            key={name}
            size="xs"
            w={130}
            label={t(`alerts.threshold.${name}`)}
            aria-label={`${t(`alerts.kind.${kind}`)}: ${t(`alerts.threshold.${name}`)}`}
            min={0}
            hideControls
            disabled={!rule.on}
            value={rule.thresholds[name] ?? ""}
            onChange={(value) =>
              onChange({ ...rule, thresholds: { ...rule.thresholds, [name]: typeof value === "number" ? value : "" } })
            }
          />
        ))}
      </div>
    </div>
  );
}

function TestMail({ unsaved }: { unsaved: boolean }) {
  const { t } = useTranslation();
  const send = useMutation({
    mutationFn: () => post<{ mails: number }>("/alerts/actions/test-mail"),
    onSuccess: ({ mails }) => notifications.show({ message: t("alerts.mailed", { count: mails }), color: "ink" }),
    onError: useToldErrors(),
  });
  return (
    <div>
      <Button
        variant="default"
        leftSection={<IconMailForward size={16} aria-hidden />}
        disabled={unsaved}
        loading={send.isPending}
        onClick={() => send.mutate()}
      >
        {t("alerts.testMail")}
      </Button>
    </div>
  );
}
