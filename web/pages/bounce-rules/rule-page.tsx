/** One bounce rule of the operators, or a new one: empty, made of a reply text, or like a shipped one. */
import { Button } from "@mantine/core";
import { IconAlertTriangle, IconPencil, IconRefresh } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";

import type { BounceRuleAnswer, TriedRules, TryRules } from "../../../src/contract/reply-texts.ts";
import { ApiProblem, patch, post } from "../../api.ts";
import { DeleteButton } from "../../parts/delete-button.tsx";
import { EditorPage, EditorWaits, useEditor } from "../../parts/editor-page.tsx";
import { fieldErrors } from "../../parts/field-errors.ts";
import { Notice } from "../../parts/notice.tsx";
import {
  bounceRulePath,
  bounceRuleQuery,
  bounceRulesQuery,
  shippedRulesQuery,
  textRuleQuery,
} from "../../queries-bounces.ts";
import { RequalifyDialog } from "../reply-texts/requalify-dialog.tsx";
import {
  type BounceDraft,
  bounceDraftOf,
  bounceFieldOf,
  bounceRequestOf,
  draftLikeShipped,
  emptyBounceRule,
  namingEntries,
} from "./rule-draft.ts";
import { BounceRuleFields } from "./rule-fields.tsx";
import { TryPanel } from "./try-panel.tsx";

const route = getRouteApi("/bounce-rules/$id");

export function BounceRulePage() {
  const { id } = route.useParams();
  const { text, like } = route.useSearch();
  if (id !== "new") return <Stored key={id} id={id} />;
  if (text !== undefined) return <OfText key={`text ${text}`} id={text} />;
  if (like !== undefined) return <LikeShipped key={`like ${like}`} name={like} />;
  return <Editor key="new" stored={null} start={emptyBounceRule} />;
}

function Back() {
  const { t } = useTranslation();
  return <Link to="/bounce-rules">{t("bounces.tab.rules")}</Link>;
}

function Stored({ id }: { id: string }) {
  const { t } = useTranslation();
  const query = useQuery(bounceRuleQuery(id));
  if (query.data !== undefined) return <Editor stored={query.data} start={bounceDraftOf(query.data)} />;
  return <EditorWaits title={t("bounces.tab.rules")} before={<Back />} query={query} />;
}

function OfText({ id }: { id: string }) {
  const { t } = useTranslation();
  const query = useQuery(textRuleQuery(id));
  if (query.data === undefined) {
    return <EditorWaits title={t("bounceRules.new")} before={<Back />} query={query} />;
  }
  return (
    <Editor stored={null} start={bounceDraftOf(query.data)} made>
      <Notice tone="waiting" icon={IconPencil} title={t("bounceForm.fromText", { id })}>
        <p>{t("bounceForm.fromTextMeaning")}</p>
      </Notice>
    </Editor>
  );
}

function LikeShipped({ name }: { name: string }) {
  const { t } = useTranslation();
  const query = useQuery(shippedRulesQuery);
  if (query.data === undefined) {
    return <EditorWaits title={t("bounceRules.new")} before={<Back />} query={query} />;
  }
  const like = query.data.data.find((rule) => rule.name === name);
  if (like === undefined) return <Editor stored={null} start={emptyBounceRule} />;
  return (
    <Editor stored={null} start={draftLikeShipped(like)} made>
      <Notice tone="waiting" icon={IconPencil} title={t("bounceForm.fromShipped", { name })}>
        <p>{t("bounceForm.fromTextMeaning")}</p>
      </Notice>
    </Editor>
  );
}

type EditorProps = {
  stored: BounceRuleAnswer | null;
  start: BounceDraft;
  /** It is worth saving as it stands. */
  made?: boolean;
  children?: ReactNode;
};

function Editor({ stored, start, made = false, children }: EditorProps) {
  const { t } = useTranslation();
  const { draft, set, dirty, save, problem } = useSaving(stored, start);
  const tried = useMutation({
    mutationFn: (request: TryRules) => post<TriedRules>("/bounce-rules/try", request),
  });
  const request = bounceRequestOf(draft);
  const refused = problem ?? (tried.error instanceof ApiProblem ? tried.error.problem : null);
  const errors = fieldErrors(namingEntries(refused, request), bounceFieldOf);
  return (
    <EditorPage
      title={stored?.name ?? t("bounceRules.new")}
      before={<Back />}
      save={save}
      saveWord={t(stored === null ? "bounceForm.create" : "editor.save")}
      dirty={dirty || made}
      errors={errors}
      acts={stored !== null && <Acts rule={stored} unsaved={dirty} />}
    >
      {children}
      {stored?.warnings.map(({ pointer, message }) => (
        <Notice key={pointer} tone="retry" icon={IconAlertTriangle} title={t("bounceRules.warning")}>
          <p>{message}</p>
        </Notice>
      ))}
      <BounceRuleFields draft={draft} set={set} errors={errors.fields} />
      <TryPanel
        tried={tried}
        typed={stored === null ? { kind: "add", rule: request } : { kind: "replace", id: stored.id, rule: request }}
        without={stored === null ? null : { kind: "remove", id: stored.id }}
      />
    </EditorPage>
  );
}

function useSaving(stored: BounceRuleAnswer | null, start: BounceDraft) {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useEditor({
    start,
    version: stored?.version ?? null,
    save: (typed, version) =>
      stored === null || version === null
        ? post<BounceRuleAnswer>("/bounce-rules", bounceRequestOf(typed))
        : patch<BounceRuleAnswer>(bounceRulePath(stored.id), version, bounceRequestOf(typed)),
    onSaved: async (saved) => {
      client.setQueryData(bounceRuleQuery(saved.id).queryKey, saved);
      void client.invalidateQueries({ queryKey: bounceRulesQuery.queryKey });
      if (stored === null) {
        await navigate({ to: "/bounce-rules/$id", params: { id: saved.id }, search: {}, replace: true });
      }
    },
  });
}

function Acts({ rule, unsaved }: { rule: BounceRuleAnswer; unsaved: boolean }) {
  const { t } = useTranslation();
  const [again, setAgain] = useState(false);
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconRefresh size={16} aria-hidden />}
        disabled={unsaved}
        onClick={() => setAgain(true)}
      >
        {t("bounceRules.again")}
      </Button>
      <DeleteButton
        question={{
          title: t("bounceRules.deleteTitle", { name: rule.name }),
          text: t("bounceRules.deleteText"),
          yes: t("bounceRules.delete"),
        }}
        path={bounceRulePath(rule.id)}
        version={rule.version}
        to="/bounce-rules"
        list={bounceRulesQuery.queryKey}
        own={bounceRuleQuery(rule.id).queryKey}
      />
      {again && <RequalifyDialog of={{ kind: "rule", name: rule.name }} onClose={() => setAgain(false)} />}
    </>
  );
}
