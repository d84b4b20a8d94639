/** One template: the same fields as a delivery's. The one that comes with Envoi can be read, duplicated and used. */
import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconInfoCircle, IconListDetails, IconLock, IconSend } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Template } from "../../../src/contract/index.ts";
import { ApiProblem, put } from "../../api.ts";
import { Failure, Notice } from "../../parts/notice.tsx";
import { PageHead } from "../../parts/page.tsx";
import { templatePath, templateQuery, templatesQuery } from "../../queries.ts";
import type { Draft } from "../delivery-content/draft.ts";
import { EditorForm } from "../delivery-content/editor-form.tsx";
import { checkedRequest } from "../delivery-content/save-request.ts";
import { ExecuteTemplate } from "./execute-template.tsx";
import { PublishTemplate } from "./publish-template.tsx";
import { DeleteTemplate, DuplicateTemplate } from "./template-acts.tsx";
import { draftOfTemplate, keptOf, templateRequest } from "./template-draft.ts";
import css from "./templates.module.css";

const route = getRouteApi("/templates/$id");

export function TemplatePage() {
  const { t } = useTranslation();
  const { id } = route.useParams();
  const query = useQuery(templateQuery(id));
  if (query.data !== undefined) return <Editor key={id} template={query.data} />;
  return (
    <>
      <PageHead
        title={query.isError ? t("templates.missing") : " "}
        before={<Link to="/templates">{t("templates.title")}</Link>}
      />
      {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
    </>
  );
}

/** What was typed, and the template it was typed over. */
type Typed = { draft: Draft; over: Template };

function Editor({ template }: { template: Template }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [typed, setTyped] = useState<Typed | null>(null);
  const { id } = template;
  const draft = typed?.draft ?? draftOfTemplate(template.label, template);
  const save = useMutation({
    mutationFn: ({ draft: next, over }: Typed) =>
      put<Template>(templatePath(id), over.version, templateRequest(checkedRequest(next, keptOf(over), t), over)),
    onSuccess: (saved) => {
      client.setQueryData(templateQuery(id).queryKey, saved);
      void client.invalidateQueries({ queryKey: templatesQuery.queryKey });
      setTyped(null);
      notifications.show({ message: t("editor.saved"), color: "ink" });
    },
  });
  const conflict = save.error instanceof ApiProblem && save.error.problem.status === 412;
  const reload = () => {
    setTyped(null);
    save.reset();
    void client.invalidateQueries({ queryKey: templateQuery(id).queryKey });
  };
  return (
    <>
      <PageHead
        title={template.label}
        before={<Link to="/templates">{t("templates.title")}</Link>}
        actions={
          <>
            <TemplatePropertiesLink id={id} />
            {!template.builtIn && <DeleteTemplate template={template} />}
            <DuplicateTemplate template={template} />
            {typed === null && <ExecuteTemplate template={template} />}
            {typed === null ? (
              <UseTemplate id={id} />
            ) : (
              <Button onClick={() => save.mutate(typed)} loading={save.isPending}>
                {t("editor.save")}
              </Button>
            )}
          </>
        }
      />
      <div className={css["form"]}>
        {template.builtIn && <Notice tone="excluded" icon={IconLock} title={t("templates.builtInNote")} />}
        {conflict && (
          <Notice tone="failed" icon={IconInfoCircle} title={t("templates.conflict")}>
            <button type="button" className={css["link"]} onClick={reload}>
              {t("editor.reload")}
            </button>
          </Notice>
        )}
        <PublishTemplate template={template} unsaved={typed !== null} />
        <EditorForm
          draft={draft}
          set={(field, value) =>
            setTyped((before) => ({
              over: before?.over ?? template,
              draft: { ...(before?.draft ?? draft), [field]: value },
            }))
          }
          error={conflict ? null : save.error}
          readOnly={template.builtIn}
          template={template}
        />
      </div>
    </>
  );
}

function TemplatePropertiesLink({ id }: { id: string }) {
  const { t } = useTranslation();
  return (
    <Button
      variant="default"
      renderRoot={(props) => <Link to="/templates/$id/properties" params={{ id }} {...props} />}
      leftSection={<IconListDetails size={16} aria-hidden />}
    >
      {t("property.title")}
    </Button>
  );
}

function UseTemplate({ id }: { id: string }) {
  const { t } = useTranslation();
  return (
    <Button
      renderRoot={(props) => <Link to="/deliveries/new" search={{ template: id }} {...props} />}
      leftSection={<IconSend size={16} aria-hidden />}
    >
      {t("templates.use")}
    </Button>
  );
}
