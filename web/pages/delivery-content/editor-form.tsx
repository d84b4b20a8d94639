/** The form itself, for a new delivery, for one that is being edited and for a template; problems lead to their place in it. */
import { IconAlertTriangle } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import type { ContentProblem, Delivery, Template } from "../../../src/contract/index.ts";
import { ApiProblem } from "../../api.ts";
import formCss from "../../parts/form.module.css";
import { Failure, Notice } from "../../parts/notice.tsx";
import { usePartName } from "../../parts/part-name.ts";
import { ProblemList } from "../../parts/problem-list.tsx";
import { jumpTo } from "../../parts/text-place.ts";
import { Audience } from "./audience.tsx";
import css from "./content.module.css";
import type { Draft, Field, SetField } from "./draft.ts";
import { Links } from "./links.tsx";
import { MessageContent } from "./message-content.tsx";
import { PreviewDrawer } from "./preview-drawer.tsx";
import { Properties } from "./properties.tsx";
import { Sections } from "./sections.tsx";
import { blockOfPart, errorsOf, fieldOfPart, lineOfHeader, type Section, sectionOf } from "./view-model.ts";

type Props = {
  draft: Draft;
  set: SetField;
  error: unknown;
  readOnly: boolean;
} & (
  | {
      /** null: not saved yet. */
      delivery: Delivery | null;
      preview: { open: boolean; words: string; act: () => void; close: () => void };
      template?: never;
    }
  | {
      /** Has no audience, and no messages to preview. */
      template: Template;
      delivery?: never;
      preview?: never;
    }
);

export function EditorForm({ draft, set, error, readOnly, delivery = null, preview, template }: Props) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const form = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState<Section[]>([]);
  const [jump, setJump] = useState<ContentProblem | null>(null);
  const [focus, setFocus] = useState<(() => void) | null>(null);
  const problem = error instanceof ApiProblem ? error.problem : null;
  const { fields, placed, others } = errorsOf(problem, (line, message) => t("problem.inLine", { line, message }));
  const count = Object.keys(fields).length + others.length;
  const problems = placed.length > 0 ? placed : ((template ?? delivery)?.contentProblems ?? []);

  const reveal = (names: readonly Field[]) => {
    const wanted = names.map(sectionOf).filter((each) => each !== undefined);
    setOpen((before) => [...new Set([...before, ...wanted])]);
  };
  const fieldNamed = (name: Field) =>
    form.current?.querySelector<HTMLInputElement | HTMLTextAreaElement>(`[data-field="${name}"]`);
  const goTo = (target: ContentProblem) => {
    const block = blockOfPart(target.part);
    if (block !== null) return void navigate({ to: "/blocks/$name", params: { name: block } });
    const field = fieldOfPart(target.part);
    if (field === null) return undefined;
    if (field === "html" || field === "text" || field === "subject") return setJump({ ...target });
    reveal([field]);
    return setFocus(() => () => {
      const found = fieldNamed(field);
      if (found === undefined || found === null) return;
      if (field === "headers") jumpTo(found, { line: lineOfHeader(target.part, draft.headers), column: 1 });
      else found.focus();
    });
  };
  useEffect(() => {
    if (problem === null) return;
    reveal(Object.keys(fields) as Field[]);
    setFocus(() => () => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
    // Once for each refusal.
  }, [problem]);
  // After what was folded has been drawn.
  useEffect(() => focus?.(), [focus]);

  const nameOf = usePartName();
  const shared = { draft, set, errors: fields, readOnly };
  return (
    <div ref={form} className={css["form"]}>
      {error !== null && count === 0 && placed.length === 0 && <Failure error={error} />}
      {count > 0 && (
        <Notice tone="failed" icon={IconAlertTriangle} title={t("problem.fields", { count })}>
          {others.map((each) => (
            <p key={each}>{each}</p>
          ))}
        </Notice>
      )}
      <Properties {...shared} />
      {template === undefined && <Audience {...shared} />}
      <fieldset className={formCss["group"]}>
        <legend>{t("editor.content")}</legend>
        <ProblemList problems={problems} nameOf={nameOf} onJump={goTo} />
        <MessageContent {...shared} problems={problems} jump={jump} preview={preview ?? null} />
        {delivery !== null && (
          <>
            <h2 className={css["sub"]}>{t("links.title")}</h2>
            <Links
              id={delivery.id}
              version={delivery.version}
              links={draft.links}
              set={set}
              readOnly={readOnly}
              onJump={goTo}
            />
          </>
        )}
      </fieldset>
      <fieldset className={formCss["group"]}>
        <legend>{t("editor.settings")}</legend>
        <Sections
          {...shared}
          effectiveValidity={readOnly ? delivery?.effectiveValidity : undefined}
          open={open}
          onOpen={setOpen}
        />
      </fieldset>
      {preview?.open === true && delivery !== null && (
        <PreviewDrawer
          id={delivery.id}
          onJump={(target) => {
            preview.close();
            goTo(target);
          }}
          onClose={preview.close}
        />
      )}
    </div>
  );
}
