/** Who hears of alerts, how often, and from which figures on. */
import { Button, MultiSelect, NumberInput, Switch, Textarea, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconAlertTriangle, IconMailForward } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { ALERT_KIND_NAMES, type AlertKind, alertSettingsSchema } from "../../../src/contract/alerts.ts";
import { post } from "../../api.ts";
import { FormGroup } from "../../parts/editor-page.tsx";
import shared from "../../parts/form.module.css";
import { May, useMay } from "../../parts/may.tsx";
import { Notice } from "../../parts/notice.tsx";
import { useSettingsEditor, WithSettings } from "../../parts/settings-editor.tsx";
import { useToldErrors } from "../../parts/told-errors.ts";
import type { StoredSettings } from "../../queries.ts";
import { namesQuery } from "../delivery-start/queries.ts";
import css from "./alerts.module.css";
import { TellingHead } from "./telling-head.tsx";
import { draftOf, type RuleDraft, settingsOf, thresholdsOf } from "./view-model.ts";

export function AlertSettings() {
  const { t } = useTranslation();
  return (
    <WithSettings head={<TellingHead intro={t("alerts.settingsIntro")} />}>
      {(stored) => <Form stored={stored} />}
    </WithSettings>
  );
}

function Form({ stored }: { stored: StoredSettings }) {
  const { t } = useTranslation();
  const { version: _version, ...others } = stored;
  const { draft, set, dirty, save, problem } = useSettingsEditor(
    stored,
    draftOf(alertSettingsSchema.parse(stored.alerts)),
    (typed) => ({ ...others, alerts: settingsOf(typed) }),
  );
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
          <Button onClick={() => save.mutate()} loading={save.isPending} disabled={!dirty}>
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
          <Groups chosen={draft.groups} onChange={(groups) => set({ groups })} />
          <div className={shared["triple"]}>
            <TextInput {...field("every")} placeholder="10m" />
            <TextInput {...field("remind")} placeholder={t("alerts.never")} />
            <TextInput {...field("window")} placeholder="24h" />
          </div>
          <May>
            <TestMail unsaved={dirty} />
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

/** Those that are named stay, also for whoever may not see names. */
function Groups({ chosen, onChange }: { chosen: string[]; onChange: (groups: string[]) => void }) {
  const { t } = useTranslation();
  const mayKnow = useMay()("deliveries.write");
  const known = useQuery({ ...namesQuery, enabled: mayKnow }).data?.groups ?? [];
  const unknown = chosen.filter((id) => !known.some((group) => group.id === id));
  if (known.length + unknown.length === 0) return null;
  return (
    <MultiSelect
      label={t("alerts.groups")}
      description={t("alerts.hint.groups")}
      data={[
        ...known.map(({ id, name }) => ({ value: id, label: name })),
        ...unknown.map((id) => ({ value: id, label: t("alerts.groupNumber", { id }) })),
      ]}
      searchable
      clearable
      clearButtonProps={{ "aria-label": t("start.edit.clear") }}
      value={chosen}
      onChange={onChange}
    />
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
