/** A new delivery: choose a template, fill in, save; saving leads to its content page, where it is analysed and sent. */
import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import type { CreateDelivery, Delivery, Template } from "../../../src/contract/index.ts";
import { post } from "../../api.ts";
import shared from "../../parts/form.module.css";
import { Failure } from "../../parts/notice.tsx";
import { PageHead } from "../../parts/page.tsx";
import { deliveriesQuery, deliveryQuery, templateQuery, templatesQuery } from "../../queries.ts";
import { ChooseTemplate } from "../templates/choose-template.tsx";
import { draftOfTemplate, keptOf, overTemplate, rebased } from "../templates/template-draft.ts";
import { ChecklistBefore } from "./checklist-panel.tsx";
import css from "./content.module.css";
import { type Draft, emptyDraft } from "./draft.ts";
import { EditorForm } from "./editor-form.tsx";
import { checkedRequest } from "./save-request.ts";
import { useF9 } from "./use-f9.ts";

const route = getRouteApi("/deliveries/new");

export function NewDelivery() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const navigate = useNavigate();
  const client = useQueryClient();
  const { template, ...choice } = useTemplate(search.template);
  const [draft, setDraft] = useDraft(search, template);
  const save = useMutation({
    mutationFn: async (then: "analyse" | "preview") => {
      const form = checkedRequest(draft, template && keptOf(template), t);
      const created = await post<Delivery>("/deliveries", template ? overTemplate(form, template) : form);
      if (then === "preview") return created;
      // Analysed at once: it changes nothing outside, and its checklist is what one wants to read next.
      return post<Delivery>(`/deliveries/${created.id}/actions/analyse`).catch(() => created);
    },
    onSuccess: async (delivery, then) => {
      client.setQueryData(deliveryQuery(delivery.id).queryKey, delivery);
      void client.invalidateQueries({ queryKey: deliveriesQuery.queryKey });
      await navigate({
        to: "/deliveries/$id/content",
        params: { id: delivery.id },
        search: { preview: then === "preview" || undefined },
      });
    },
  });
  const preview = () => {
    if (!save.isPending && choice.settled) save.mutate("preview");
  };
  useF9(preview);
  return (
    <>
      <PageHead
        title={t("editor.newTitle")}
        before={<Link to="/deliveries">{t("deliveries.title")}</Link>}
        actions={
          <Button onClick={() => save.mutate("analyse")} loading={save.isPending} disabled={!choice.settled}>
            {t("editor.saveAnalyse")}
          </Button>
        }
      />
      <div className={css["columns"]}>
        <div className={css["form"]}>
          <div className={shared["group"]}>
            {choice.error !== null && <Failure error={choice.error} />}
            <ChooseTemplate
              templates={choice.templates}
              chosen={choice.chosen}
              onChoose={(id) =>
                void navigate({ to: "/deliveries/new", search: { ...search, template: id }, replace: true })
              }
            />
          </div>
          <EditorForm
            draft={draft}
            set={(field, value) => setDraft((before) => ({ ...before, [field]: value }))}
            error={save.error}
            readOnly={false}
            delivery={null}
            preview={{ open: false, words: t("preview.saveButton"), act: preview, close: () => {} }}
          />
        </div>
        <ChecklistBefore />
      </div>
    </>
  );
}

/** The template that was asked for, else the one that comes with Envoi. */
function useTemplate(asked: string | undefined) {
  const list = useQuery(templatesQuery);
  const templates = list.data?.data ?? [];
  const chosen = asked ?? templates.find(({ builtIn }) => builtIn)?.id;
  const one = useQuery({ ...templateQuery(chosen ?? ""), enabled: chosen !== undefined });
  return {
    templates,
    chosen,
    template: one.data,
    error: one.error ?? list.error,
    /** Nothing that is saved now would be copied from another template than the one shown. */
    settled: chosen === undefined ? !list.isPending : one.data !== undefined,
  };
}

type AudienceSearch = { import?: string | undefined; file?: string | undefined };

/** The imports page leads here with one of its files. */
function askedFor({ import: imported, file }: AudienceSearch): CreateDelivery["audience"] {
  if (file !== undefined) return { file };
  return imported === undefined ? { all: true } : { import: imported };
}

/** What is typed, over what the template says. */
function useDraft(search: AudienceSearch, template: Template | undefined) {
  const [{ draft }, setState] = useState(() => ({
    draft: emptyDraft(askedFor(search)),
    base: emptyDraft(askedFor(search)),
  }));
  useEffect(() => {
    if (template === undefined) return;
    const { audience, audienceId } = emptyDraft(askedFor(search));
    const base = { ...draftOfTemplate("", template), audience, audienceId };
    setState((before) => ({ draft: rebased(before.draft, before.base, base), base }));
  }, [template, search.import, search.file]);
  const setDraft = (change: (before: Draft) => Draft) =>
    setState((before) => ({ ...before, draft: change(before.draft) }));
  return [draft, setDraft] as const;
}
