/** A new delivery: fill in, save; saving leads to its content page, where it is analysed and sent. */
import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Delivery } from "../../../src/contract/index.ts";
import { post } from "../../api.ts";
import { PageHead } from "../../parts/page.tsx";
import { deliveriesQuery, deliveryQuery } from "../../queries.ts";
import { ChecklistBefore } from "./checklist-panel.tsx";
import css from "./content.module.css";
import { emptyDraft } from "./draft.ts";
import { EditorForm } from "./editor-form.tsx";
import { checkedRequest } from "./save-request.ts";
import { useF9 } from "./use-f9.ts";

const route = getRouteApi("/deliveries/new");

export function NewDelivery() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [draft, setDraft] = useState(() => emptyDraft(search.import));
  const save = useMutation({
    mutationFn: async (then: "analyse" | "preview") => {
      const created = await post<Delivery>("/deliveries", checkedRequest(draft, undefined, t));
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
    if (!save.isPending) save.mutate("preview");
  };
  useF9(preview);
  return (
    <>
      <PageHead
        title={t("editor.newTitle")}
        before={<Link to="/deliveries">{t("deliveries.title")}</Link>}
        actions={
          <Button onClick={() => save.mutate("analyse")} loading={save.isPending}>
            {t("editor.saveAnalyse")}
          </Button>
        }
      />
      <div className={css["columns"]}>
        <EditorForm
          draft={draft}
          set={(field, value) => setDraft((before) => ({ ...before, [field]: value }))}
          error={save.error}
          readOnly={false}
          delivery={null}
          preview={{ open: false, words: t("preview.saveButton"), act: preview, close: () => {} }}
        />
        <ChecklistBefore />
      </div>
    </>
  );
}
