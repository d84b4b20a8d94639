/** The plan: when each provider is done and what binds; once the delivery is over, what it became beside it. */
import { Button, Skeleton } from "@mantine/core";
import { IconCalendarTime } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Delivery } from "../../../src/contract/index.ts";
import type { Plan } from "../../../src/contract/shaping.ts";
import { post } from "../../api.ts";
import { DataTable } from "../../parts/data-table.tsx";
import { Failure } from "../../parts/notice.tsx";
import { Section } from "../../parts/page.tsx";
import { useToldErrors } from "../../parts/told-errors.ts";
import { useFormats, useNow } from "../../parts/use-now.ts";
import { deliveryPath } from "../../queries.ts";
import { planQuery } from "../../queries-sending.ts";
import { planColumns } from "./plan-columns.tsx";
import { isPlannable, plannedRows } from "./plan-model.ts";
import css from "./plan.module.css";

export function PlanPanel({ delivery }: { delivery: Delivery }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const tellError = useToldErrors();
  const { id, state, startedAt } = delivery;
  // A new analysis has a new plan; once it is over, the plan has its other half.
  const query = useQuery({
    ...planQuery(id),
    queryKey: [...planQuery(id).queryKey, delivery.analysedAt, state] as never,
  });
  const stored = query.data as Plan | null | undefined;
  // Of a delivery that has begun the first plan is kept: what is planned anew is shown, and stays with whoever asked.
  const [fresh, setFresh] = useState<Plan | null>(null);
  const again = useMutation({
    mutationFn: () => post<Plan>(`${deliveryPath(id)}/plan`),
    onSuccess: async (plan) => {
      setFresh(startedAt === null ? null : plan);
      await client.invalidateQueries({ queryKey: planQuery(id).queryKey });
    },
    onError: tellError,
  });
  const plan = fresh ?? stored;
  if (plan === null && !isPlannable(state)) return null;
  const button = isPlannable(state) && (
    <Button
      size="compact-sm"
      variant="default"
      leftSection={<IconCalendarTime size={14} aria-hidden />}
      loading={again.isPending}
      onClick={() => again.mutate()}
    >
      {t(plan === null ? "plan.make" : "plan.again")}
    </Button>
  );
  return (
    <Section title={t("plan.title")} beside={button}>
      {plan === undefined ? (
        query.isError ? (
          <Failure error={query.error} onRetry={() => void query.refetch()} />
        ) : (
          <Skeleton height={120} radius="md" />
        )
      ) : plan === null ? (
        <p className="muted">{t("plan.none")}</p>
      ) : (
        <>
          <Summary plan={plan} isFresh={fresh !== null} onFirst={() => setFresh(null)} />
          <Rows plan={plan} />
        </>
      )}
    </Section>
  );
}

type SummaryProps = { plan: Plan; isFresh: boolean; onFirst: () => void };

function Summary({ plan, isFresh, onFirst }: SummaryProps) {
  const { t } = useTranslation();
  const formats = useFormats();
  const now = useNow(10);
  const end = (iso: string | null) => (iso === null ? t("plan.noEnd") : formats.moment(iso));
  const when = { when: formats.relative(plan.at, Math.max(now, Date.parse(plan.at))) };
  return (
    <p className={css["summary"]}>
      <span>
        <b>{t("plan.planned")}</b>{" "}
        {t("plan.summary", {
          n: formats.int(plan.messages),
          start: formats.moment(plan.startAt),
          end: end(plan.endAt),
        })}
      </span>
      {plan.actual !== null && (
        <span>
          <b>{t("plan.actual")}</b>{" "}
          {t("plan.summary", {
            n: formats.int(plan.actual.rows.reduce((sum, { messages }) => sum + messages, 0)),
            start: formats.moment(plan.actual.startAt),
            end: end(plan.actual.endAt),
          })}
        </span>
      )}
      {plan.late > 0 && plan.actual === null && (
        <span className={css["late"]} data-tone="failed">
          {t("plan.late", { count: plan.late, n: formats.int(plan.late) })}
        </span>
      )}
      <span className="muted" title={formats.dateTime(plan.at)}>
        {t(isFresh ? "plan.left" : "plan.made", when)}
      </span>
      {isFresh && (
        <button type="button" className={css["link"]} onClick={onFirst}>
          {t("plan.first")}
        </button>
      )}
    </p>
  );
}

function Rows({ plan }: { plan: Plan }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const isOver = plan.actual !== null;
  const columns = useMemo(() => planColumns(t, formats, isOver), [t, formats, isOver]);
  return (
    <DataTable
      compact
      label={t("plan.title")}
      columns={columns}
      rows={plannedRows(plan)}
      rowId={({ provider }) => provider}
    />
  );
}
