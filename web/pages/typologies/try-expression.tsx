/** An expression tried on a delivery before it is saved: whether it holds, and what it looked at. */
import { Button, NativeSelect } from "@mantine/core";
import { IconCircleCheck, IconCircleX, IconHelpCircle, IconPlayerPlay } from "@tabler/icons-react";
import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { TriedRule } from "../../../src/contract/typologies.ts";
import { ApiProblem, post } from "../../api.ts";
import { Badge } from "../../parts/badge.tsx";
import { Failure } from "../../parts/notice.tsx";
import { deliveriesQuery } from "../../queries.ts";
import type { ControlDraft } from "./rule-draft.ts";
import css from "./typologies.module.css";

type Props = Pick<ControlDraft, "phase" | "expression">;

export function TryExpression({ phase, expression }: Props) {
  const { t } = useTranslation();
  const recent = useInfiniteQuery(deliveriesQuery).data?.pages[0]?.data ?? [];
  const [chosen, setChosen] = useState<string | null>(null);
  const delivery = chosen ?? recent[0]?.id ?? "";
  const request = { delivery, phase, expression };
  const tried = useMutation({
    mutationFn: (asked: typeof request) => post<TriedRule>("/typologies/rules/try", asked),
  });
  const isStale = tried.variables !== undefined && JSON.stringify(tried.variables) !== JSON.stringify(request);
  if (recent.length === 0) return null;
  return (
    <div className={css["try"]}>
      <NativeSelect
        label={t("typologies.tryOn")}
        value={delivery}
        data={recent.map(({ id, label }) => ({ value: id, label: `${label} (${id})` }))}
        onChange={(event) => setChosen(event.currentTarget.value)}
      />
      <Button
        variant="default"
        leftSection={<IconPlayerPlay size={16} aria-hidden />}
        loading={tried.isPending}
        disabled={expression.trim() === ""}
        onClick={() => tried.mutate(request)}
      >
        {t("typologies.try")}
      </Button>
      <div className={css["tried"]} aria-live="polite">
        {!isStale && tried.error !== null && <Refusal error={tried.error} />}
        {!isStale && tried.data !== undefined && tried.error === null && <Result tried={tried.data} />}
      </div>
    </div>
  );
}

/** What is wrong with the expression stands here; anything else is a failure as everywhere. */
function Refusal({ error }: { error: Error }) {
  const errors = error instanceof ApiProblem ? error.problem.errors : undefined;
  if (errors === undefined) return <Failure error={error} />;
  return (
    <p className={css["error"]} role="alert">
      {errors.map(({ message }) => message).join("\n")}
    </p>
  );
}

function Result({ tried: { holds, failure, facts } }: { tried: TriedRule }) {
  const { t } = useTranslation();
  if (holds === null) {
    return (
      <>
        <Badge tone="waiting" icon={IconHelpCircle} word={t("typologies.unknown")} />
        <span>{failure}</span>
      </>
    );
  }
  return (
    <>
      {holds ? (
        <Badge tone="sent" icon={IconCircleCheck} word={t("typologies.holds")} />
      ) : (
        <Badge tone="failed" icon={IconCircleX} word={t("typologies.fails")} />
      )}
      <span className="mono">{facts.map(({ name, value }) => `${name} = ${value}`).join("; ")}</span>
    </>
  );
}
