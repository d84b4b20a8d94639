/** The three blocks that stand where content would: nothing yet, something went wrong, one thing to know. */
import { Button } from "@mantine/core";
import type { Icon } from "@tabler/icons-react";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { ApiProblem } from "../api.ts";
import { May } from "./may.tsx";
import type { Tone } from "../tones.ts";
import css from "./notice.module.css";

export function Empty({
  icon: Glyph,
  title,
  text,
  children,
}: {
  icon: Icon;
  title: string;
  text?: string | undefined;
  children?: ReactNode;
}) {
  return (
    <div className={css["empty"]}>
      <Glyph size={28} stroke={1.4} aria-hidden />
      <p className={css["title"]}>{title}</p>
      {text !== undefined && <p className={css["text"]}>{text}</p>}
      {children !== undefined && (
        <May>
          <div className={css["acts"]}>{children}</div>
        </May>
      )}
    </div>
  );
}

/** What happened, where, what to do: the server's own words, and a way to try again. */
export function Failure({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useTranslation();
  const problem = error instanceof ApiProblem ? error.problem : null;
  const offline = problem?.code === "no-connection";
  const title = offline ? t("problem.noConnection") : (problem?.title ?? t("problem.title"));
  const text = offline ? t("problem.noConnectionDetail") : (problem?.detail ?? String(error));
  return (
    <div className={css["notice"]} data-tone="failed" role="alert">
      <IconAlertTriangle size={18} aria-hidden />
      <div>
        <p className={css["title"]}>{title}</p>
        {text !== "" && <p>{text}</p>}
        {onRetry !== undefined && (
          <Button mt={8} size="xs" variant="default" onClick={onRetry}>
            {t("common.retry")}
          </Button>
        )}
      </div>
    </div>
  );
}

export function Notice({
  tone,
  icon: Glyph,
  title,
  children,
}: {
  tone: Tone;
  icon: Icon;
  title: string;
  children?: ReactNode;
}) {
  return (
    <div className={css["notice"]} data-tone={tone} role="status">
      <Glyph size={18} aria-hidden />
      <div>
        <p className={css["title"]}>{title}</p>
        {children}
      </div>
    </div>
  );
}
