/** One MX rule of the operator, or a new one. */
import { IconAlertTriangle } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { patch, post } from "../../api.ts";
import { DeleteButton } from "../../parts/delete-button.tsx";
import { EditorPage, EditorWaits, useEditor } from "../../parts/editor-page.tsx";
import { fieldErrors } from "../../parts/field-errors.ts";
import { Notice } from "../../parts/notice.tsx";
import { type MxRule, rulePath, ruleQuery, rulesQuery } from "../../queries-sending.ts";
import { emptyRule, ruleDraftOf, ruleFieldOf, ruleRequestOf } from "./rule-draft.ts";
import { RuleFields } from "./rule-fields.tsx";

const route = getRouteApi("/sending/rules/$id");

export function RulePage() {
  const { id } = route.useParams();
  return id === "new" ? <Editor key="new" stored={null} /> : <Stored key={id} id={id} />;
}

function Back() {
  const { t } = useTranslation();
  return <Link to="/sending/rules">{t("rules.title")}</Link>;
}

function Stored({ id }: { id: string }) {
  const { t } = useTranslation();
  const query = useQuery(ruleQuery(id));
  if (query.data !== undefined) return <Editor stored={query.data} />;
  return <EditorWaits title={t("rules.title")} before={<Back />} query={query} />;
}

function Editor({ stored }: { stored: MxRule | null }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { draft, set, dirty, save, problem } = useEditor({
    start: stored === null ? emptyRule : ruleDraftOf(stored),
    version: stored?.version ?? null,
    save: (typed, version) =>
      stored === null || version === null
        ? post<MxRule>("/mx-rules", ruleRequestOf(typed))
        : patch<MxRule>(rulePath(stored.id), version, ruleRequestOf(typed)),
    onSaved: async (saved) => {
      client.setQueryData(ruleQuery(saved.id).queryKey, saved);
      void client.invalidateQueries({ queryKey: rulesQuery.queryKey });
      if (stored === null) await navigate({ to: "/sending/rules/$id", params: { id: saved.id }, replace: true });
    },
  });
  const errors = fieldErrors(problem, ruleFieldOf);
  return (
    <EditorPage
      title={stored?.name ?? t("rules.new")}
      before={<Back />}
      save={save}
      saveWord={t(stored === null ? "ruleForm.create" : "editor.save")}
      dirty={dirty}
      errors={errors}
      acts={stored !== null && <Delete rule={stored} />}
    >
      {stored?.warnings.map(({ code, message }) => (
        <Notice key={code} tone="retry" icon={IconAlertTriangle} title={t("rules.warning")}>
          <p>{message}</p>
        </Notice>
      ))}
      <RuleFields draft={draft} set={set} errors={errors.fields} />
    </EditorPage>
  );
}

function Delete({ rule }: { rule: MxRule }) {
  const { t } = useTranslation();
  return (
    <DeleteButton
      question={{
        title: t("rules.deleteTitle", { name: rule.name }),
        text: t("rules.deleteText"),
        yes: t("rules.delete"),
      }}
      path={rulePath(rule.id)}
      version={rule.version}
      to="/sending/rules"
      list={rulesQuery.queryKey}
      own={ruleQuery(rule.id).queryKey}
    />
  );
}
