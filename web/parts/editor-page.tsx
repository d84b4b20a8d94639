/** The page of one thing that is edited as a whole: what is typed over which version, saving it, and what is refused where. */
import { Button, Skeleton } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconAlertTriangle } from "@tabler/icons-react";
import { type UseMutationResult, useMutation } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { ApiProblem } from "../api.ts";
import type { FieldErrors } from "./field-errors.ts";
import css from "./form.module.css";
import { Failure, Notice } from "./notice.tsx";
import { PageHead } from "./page.tsx";

type Saving<D, T> = {
  /** What the fields say before anything is typed, and its version; null: it does not exist yet. */
  start: D;
  version: number | null;
  save: (draft: D, version: number | null) => Promise<T>;
  onSaved: (saved: T) => Promise<void> | void;
};

/** Another's change in between must not be lost: the version is the one that was typed over. */
export function useEditor<D extends object, T>({ start, version, save: send, onSaved }: Saving<D, T>) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState<{ draft: D; version: number | null } | null>(null);
  const draft = typed?.draft ?? start;
  const set = (part: Partial<D>) =>
    setTyped((before) => ({
      version: before === null ? version : before.version,
      draft: { ...(before?.draft ?? start), ...part },
    }));
  const save = useMutation({
    mutationFn: () => send(draft, typed === null ? version : typed.version),
    onSuccess: async (saved) => {
      setTyped(null);
      notifications.show({ message: t("editor.saved"), color: "ink" });
      await onSaved(saved);
    },
  });
  const problem = save.error instanceof ApiProblem ? save.error.problem : null;
  return { draft, set, dirty: typed !== null, save, problem };
}

type Props = {
  title: string;
  before: ReactNode;
  save: UseMutationResult<unknown, Error, void>;
  saveWord: string;
  dirty: boolean;
  errors: FieldErrors<string>;
  /** Beside the button that saves. */
  acts?: ReactNode;
  children: ReactNode;
};

export function EditorPage({ title, before, save, saveWord, dirty, errors, acts, children }: Props) {
  const { t } = useTranslation();
  const form = useRef<HTMLDivElement>(null);
  const count = Object.keys(errors.fields).length + errors.others.length;
  useEffect(() => {
    if (save.error !== null) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [save.error]);
  return (
    <div ref={form}>
      <PageHead
        title={title}
        before={before}
        actions={
          <>
            {acts}
            <Button onClick={() => save.mutate()} loading={save.isPending} disabled={!dirty}>
              {saveWord}
            </Button>
          </>
        }
      />
      <div className={css["form"]}>
        {save.error !== null && count === 0 && <Failure error={save.error} />}
        {count > 0 && (
          <Notice tone="failed" icon={IconAlertTriangle} title={t("problem.fields", { count })}>
            {errors.others.map((each) => (
              <p key={each}>{each}</p>
            ))}
          </Notice>
        )}
        {children}
      </div>
    </div>
  );
}

/** Until what is stored has been read. */
export function EditorWaits({
  title,
  before,
  query,
}: {
  title: string;
  before: ReactNode;
  query: { isError: boolean; error: Error | null; refetch: () => Promise<unknown> };
}) {
  return (
    <>
      <PageHead title={title} before={before} />
      {query.isError ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <Skeleton height={400} radius="md" />
      )}
    </>
  );
}

export function FormGroup({ title, children }: { title?: string; children: ReactNode }) {
  return (
    <fieldset className={css["group"]}>
      {title !== undefined && <legend>{title}</legend>}
      {children}
    </fieldset>
  );
}
