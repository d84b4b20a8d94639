/** The form itself, for a new delivery and for one that is being edited. */
import { IconAlertTriangle } from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

import { ApiProblem } from "../../api.ts";
import { Failure, Notice } from "../../parts/notice.tsx";
import { Audience } from "./audience.tsx";
import css from "./content.module.css";
import { MessageContent } from "./message-content.tsx";
import { Properties } from "./properties.tsx";
import { type Draft, errorsOf, type Field } from "./view-model.ts";

type Props = { draft: Draft; set: (field: Field, value: string) => void; error: unknown; readOnly: boolean };

export function EditorForm({ draft, set, error, readOnly }: Props) {
  const { t } = useTranslation();
  const form = useRef<HTMLDivElement>(null);
  const problem = error instanceof ApiProblem ? error.problem : null;
  const { fields, others } = errorsOf(problem);
  const count = Object.keys(fields).length;

  useEffect(() => {
    if (problem === null) return;
    form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [problem]);

  const shared = { draft, set, errors: fields, readOnly };
  return (
    <div ref={form} className={css["form"]}>
      {error !== null && count === 0 && others.length === 0 && <Failure error={error} />}
      {(count > 0 || others.length > 0) && (
        <Notice tone="failed" icon={IconAlertTriangle} title={t("problem.fields", { count: count + others.length })}>
          {others.map((each) => (
            <p key={each}>{each}</p>
          ))}
        </Notice>
      )}
      <Properties {...shared} />
      <Audience {...shared} />
      <MessageContent {...shared} />
    </div>
  );
}
