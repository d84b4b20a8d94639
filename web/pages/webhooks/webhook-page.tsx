/** One webhook, or a new one: where it is, what it wants, how it goes, its secret and the log of its requests. */
import { MultiSelect, NumberInput, Switch, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { EVENT_TYPES, type Webhook } from "../../../src/contract/webhooks.ts";
import { post, put } from "../../api.ts";
import { DeleteButton } from "../../parts/delete-button.tsx";
import { EditorPage, EditorWaits, FormGroup, useEditor } from "../../parts/editor-page.tsx";
import { fieldsOf, type FormProps } from "../../parts/form-fields.ts";
import shared from "../../parts/form.module.css";
import { webhookPath, webhookQuery, webhooksQuery } from "../../queries-telling.ts";
import { draftOf, emptyWebhook, errorsOf, requestOf, type WebhookDraft } from "./view-model.ts";
import { WebhookHealth } from "./webhook-health.tsx";
import { RequestLog } from "./request-log.tsx";

const route = getRouteApi("/webhooks/$id");
const EVERY_MS = 3000;

export function WebhookPage() {
  const { id } = route.useParams();
  return id === "new" ? <Editor key="new" stored={null} /> : <Stored key={id} id={id} />;
}

function Stored({ id }: { id: string }) {
  const { t } = useTranslation();
  const query = useQuery({ ...webhookQuery(id), refetchInterval: EVERY_MS });
  if (query.data !== undefined) return <Editor stored={query.data} />;
  return <EditorWaits title={t("webhooks.title")} before={<Back />} query={query} />;
}

function Back() {
  const { t } = useTranslation();
  return <Link to="/webhooks">{t("webhooks.title")}</Link>;
}

function Editor({ stored }: { stored: Webhook | null }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { draft, set, dirty, save, problem } = useEditor({
    start: stored === null ? emptyWebhook : draftOf(stored),
    version: stored?.version ?? null,
    save: (typed, version) =>
      stored === null
        ? post<Webhook>("/webhooks", requestOf(typed))
        : put<Webhook>(webhookPath(stored.id), version ?? stored.version, requestOf(typed)),
    onSaved: async (saved) => {
      client.setQueryData(webhookQuery(saved.id).queryKey, saved);
      void client.invalidateQueries({ queryKey: webhooksQuery.queryKey });
      if (stored === null) await navigate({ to: "/webhooks/$id", params: { id: saved.id }, replace: true });
    },
  });
  const errors = errorsOf(problem);
  return (
    <>
      <EditorPage
        title={stored === null ? t("webhooks.new") : stored.description || stored.url}
        before={<Back />}
        save={save}
        saveWord={t(stored === null ? "webhooks.create" : "editor.save")}
        dirty={dirty}
        errors={errors}
        acts={stored !== null && <Delete webhook={stored} />}
      >
        {stored !== null && <WebhookHealth webhook={stored} unsaved={dirty} />}
        <Fields draft={draft} set={set} errors={errors.fields} />
      </EditorPage>
      {stored !== null && <RequestLog id={stored.id} />}
    </>
  );
}

function Fields(props: FormProps<WebhookDraft>) {
  const { t } = useTranslation();
  const { draft, set, errors } = props;
  const field = fieldsOf(props, (name) => t(`webhooks.${name}`));
  return (
    <FormGroup title={t("webhooks.what")}>
      <TextInput
        {...field.text("url")}
        description={t("webhooks.hint.url")}
        inputMode="url"
        placeholder="https://crm.example.com/envoi"
      />
      <TextInput {...field.text("description")} />
      <Switch {...field.toggle("all")} />
      {!draft.all && (
        <MultiSelect
          label={t("webhooks.events")}
          data={[...EVENT_TYPES]}
          value={draft.events}
          error={errors.events}
          searchable
          clearable
          hidePickedOptions
          onChange={(events) => set({ events })}
        />
      )}
      <div className={shared["pair"]}>
        <NumberInput {...field.count("batch")} max={1000} description={t("webhooks.hint.batch")} />
        <NumberInput {...field.count("concurrency")} max={50} description={t("webhooks.hint.concurrency")} />
      </div>
      <Switch {...field.toggle("enabled")} />
    </FormGroup>
  );
}

function Delete({ webhook: { id, url, version } }: { webhook: Webhook }) {
  const { t } = useTranslation();
  return (
    <DeleteButton
      question={{
        title: t("webhooks.deleteTitle", { url }),
        text: t("webhooks.deleteText"),
        yes: t("webhooks.delete"),
      }}
      path={webhookPath(id)}
      version={version}
      to="/webhooks"
      list={webhooksQuery.queryKey}
      own={webhookQuery(id).queryKey}
    />
  );
}
