/** Editing, analysing and sending one delivery; after confirmation the same page, to read. */
import { IconInfoCircle, IconLock } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Delivery } from "../../../src/contract/index.ts";
import { ApiProblem, patch, post } from "../../api.ts";
import { Notice } from "../../parts/notice.tsx";
import { useToldErrors } from "../../parts/told-errors.ts";
import { checklistQuery, deliveryQuery, renewPreviews } from "../../queries.ts";
import { InActionSlot } from "../delivery/action-slot.tsx";
import { isPreparing } from "../delivery/view-model.ts";
import { ChecklistPanel } from "./checklist-panel.tsx";
import css from "./content.module.css";
import { type Draft, draftOf } from "./draft.ts";
import { EditorForm } from "./editor-form.tsx";
import { checkedRequest } from "./save-request.ts";
import { StepButton } from "./step-button.tsx";
import { useF9 } from "./use-f9.ts";
import { nextStep } from "./view-model.ts";

const route = getRouteApi("/deliveries/$id/content");

export function DeliveryContent() {
  const { id } = route.useParams();
  const { data: delivery } = useQuery(deliveryQuery(id));
  return delivery === undefined ? null : <Editor key={id} delivery={delivery} />;
}

/** What was typed, and the version it was typed over. */
type Typed = { draft: Draft; version: number };

function Editor({ delivery }: { delivery: Delivery }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const tellError = useToldErrors();
  const { preview: previewOpen = false } = route.useSearch();
  const navigate = route.useNavigate();
  const showPreview = (shown: boolean) =>
    void navigate({ search: { preview: shown || undefined }, replace: true, resetScroll: false });
  const [typed, setTyped] = useState<Typed | null>(null);
  const { id } = delivery;
  const take = (next: Delivery) =>
    client.setQueryData(deliveryQuery(id).queryKey, (before: Delivery | undefined) =>
      // Answers to acts do not say again what is wrong with a content that they did not change.
      before?.version === next.version && before.contentProblems !== undefined
        ? { contentProblems: before.contentProblems, ...next }
        : next,
    );
  const checklist = useQuery({
    ...checklistQuery(id),
    // A new analysis has a new checklist; while it runs there is none to show.
    queryKey: [...checklistQuery(id).queryKey, delivery.analysedAt, delivery.state] as never,
    enabled: delivery.analysedAt !== null && delivery.state !== "analysing",
  });
  const save = useMutation({
    mutationFn: async () => {
      if (typed === null) return delivery;
      return patch<Delivery>(`/deliveries/${id}`, typed.version, checkedRequest(typed.draft, delivery.settings, t));
    },
    onSuccess: (saved) => {
      take(saved);
      renewPreviews(client, id);
      setTyped(null);
    },
  });
  const analyse = useMutation({
    mutationFn: () => post<Delivery>(`/deliveries/${id}/actions/analyse`),
    onSuccess: take,
    onError: tellError,
  });
  const saveAndAnalyse = () => save.mutate(undefined, { onSuccess: () => analyse.mutate() });
  const previewNow = () => {
    if (typed === null) showPreview(!previewOpen);
    // The server renders what it has: one renderer for preview and sending.
    else if (!save.isPending) save.mutate(undefined, { onSuccess: () => showPreview(true) });
  };
  useF9(previewNow);
  const step = nextStep(delivery, typed !== null, checklist.data);
  const readOnly = !isPreparing(delivery.state) || delivery.state === "analysing";
  const conflict = save.error instanceof ApiProblem && [409, 412].includes(save.error.problem.status);
  const reload = () => {
    setTyped(null);
    save.reset();
    void client.invalidateQueries({ queryKey: deliveryQuery(id).queryKey });
  };
  return (
    <>
      <InActionSlot>
        <StepButton
          step={step}
          delivery={delivery}
          busy={save.isPending || analyse.isPending}
          onSave={saveAndAnalyse}
          onAnalyse={() => analyse.mutate()}
        />
      </InActionSlot>
      <div className={css["columns"]}>
        <div className={css["form"]}>
          {step.kind === "read-only" && <Notice tone="excluded" icon={IconLock} title={t("editor.readOnly")} />}
          {conflict && (
            <Notice tone="failed" icon={IconInfoCircle} title={t("editor.conflict")}>
              <button type="button" className={css["link"]} onClick={reload}>
                {t("editor.reload")}
              </button>
            </Notice>
          )}
          <EditorForm
            draft={typed?.draft ?? draftOf(delivery)}
            set={(field, value) =>
              setTyped((before) => ({
                version: before?.version ?? delivery.version,
                draft: { ...(before?.draft ?? draftOf(delivery)), [field]: value },
              }))
            }
            error={conflict ? null : save.error}
            readOnly={readOnly}
            delivery={delivery}
            preview={{
              open: previewOpen,
              words: t(typed === null ? "preview.button" : "preview.saveButton"),
              act: previewNow,
              close: () => showPreview(false),
            }}
          />
        </div>
        <ChecklistPanel delivery={delivery} checklist={checklist.data} stale={typed !== null || !delivery.analysed} />
      </div>
    </>
  );
}
