/** One service, or a new one: how one subscribes to it, who is subscribed, subscribing and unsubscribing people. */
import { Checkbox, NumberInput, Textarea, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import type { Service } from "../../../src/contract/services.ts";
import { post, put } from "../../api.ts";
import { Copy } from "../../parts/copy.tsx";
import { DeleteButton } from "../../parts/delete-button.tsx";
import { EditorPage, EditorWaits, FormGroup, useEditor } from "../../parts/editor-page.tsx";
import { fieldsOf } from "../../parts/form-fields.ts";
import { May } from "../../parts/may.tsx";
import { servicePath, serviceQuery, SERVICES_KEY } from "../../queries-services.ts";
import { ChangePeople } from "./change-people.tsx";
import { MailFields } from "./mail-fields.tsx";
import { Mails } from "./mails.tsx";
import { Subscribers } from "./subscribers.tsx";
import { EMPTY_SERVICE, serviceDraftOf, serviceErrors, serviceRequestOf } from "./view-model.ts";

const route = getRouteApi("/services/$id");

export function ServicePage() {
  const { id } = route.useParams();
  return id === "new" ? <Editor key="new" stored={null} /> : <Stored key={id} id={id} />;
}

function Stored({ id }: { id: string }) {
  const { t } = useTranslation();
  const query = useQuery(serviceQuery(id));
  if (query.data !== undefined) return <Editor stored={query.data} />;
  return <EditorWaits title={t("services.title")} before={<Back />} query={query} />;
}

function Back() {
  const { t } = useTranslation();
  return <Link to="/services">{t("services.title")}</Link>;
}

function Editor({ stored }: { stored: Service | null }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { draft, set, dirty, save, problem } = useEditor({
    start: stored === null ? EMPTY_SERVICE : serviceDraftOf(stored),
    version: stored?.version ?? null,
    save: (typed, version) =>
      stored === null
        ? post<Service>("/services", serviceRequestOf(typed))
        : put<Service>(servicePath(stored.id), version, serviceRequestOf(typed)),
    onSaved: async (saved) => {
      await client.invalidateQueries({ queryKey: SERVICES_KEY });
      if (stored === null) await navigate({ to: "/services/$id", params: { id: saved.id }, replace: true });
    },
  });
  const errors = serviceErrors(problem);
  const field = fieldsOf({ draft, set, errors: errors.fields }, (name) => t(`services.${name}`));
  return (
    <EditorPage
      title={stored?.name ?? t("services.new")}
      before={<Back />}
      save={save}
      saveWord={t(stored === null ? "services.create" : "editor.save")}
      dirty={dirty}
      errors={errors}
      acts={
        stored !== null && (
          <May>
            <Remove service={stored} />
          </May>
        )
      }
    >
      <FormGroup>
        <TextInput {...field.text("name")} maxLength={200} />
        <Textarea {...field.text("description")} description={t("services.descriptionHint")} autosize minRows={2} />
        <NumberInput {...field.count("durationDays")} description={t("services.durationHint")} w={260} />
        <Checkbox {...field.toggle("doubleOptIn")} description={t("services.doubleOptInHint")} />
        <Checkbox {...field.toggle("public")} description={t("services.publicHint")} />
        {stored?.publicUrl && (
          <p>
            {t("services.page")} <Copy value={stored.publicUrl} label={t("services.page")} />
          </p>
        )}
      </FormGroup>
      <MailFields draft={draft} set={set} errors={errors.fields} />
      {stored !== null && (
        <>
          <May>
            <ChangePeople service={stored} />
          </May>
          <Subscribers id={stored.id} />
          <Mails id={stored.id} />
        </>
      )}
    </EditorPage>
  );
}

function Remove({ service: { id, name, version } }: { service: Service }) {
  const { t } = useTranslation();
  return (
    <DeleteButton
      question={{
        title: t("services.removeTitle", { name }),
        text: t("services.removeText"),
        yes: t("services.remove"),
      }}
      path={servicePath(id)}
      version={version}
      to="/services"
      list={SERVICES_KEY}
      own={serviceQuery(id).queryKey}
    />
  );
}
