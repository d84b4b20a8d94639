/** Who is subscribed to a service, was, or said no. */
import { IconUsers } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import { type Subscription, SUBSCRIPTION_STATES, type SubscriptionState } from "../../../src/contract/services.ts";
import { ChoiceFilter } from "../../parts/choice-filter.tsx";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { MoreRows } from "../../parts/more-rows.tsx";
import { Empty, Failure } from "../../parts/notice.tsx";
import { rowLinkClass } from "../../parts/row-link.tsx";
import { When } from "../../parts/when.tsx";
import { subscribersQuery } from "../../queries-services.ts";

const column = columnsOf<Subscription>();

function subscriberColumns(t: TFunction): Columns<Subscription> {
  return [
    column.accessor("address", {
      header: t("quarantine.col.address"),
      cell: ({ row: { original } }) => (
        <Link className={rowLinkClass} data-row-link to="/recipients/$id" params={{ id: original.recipientId }}>
          {original.address}
        </Link>
      ),
    }),
    column.accessor("state", {
      header: t("services.standing"),
      meta: { width: "150px" },
      cell: ({ row: { original } }) => t(`services.state.${original.state}`),
    }),
    column.accessor("since", {
      header: t("services.since"),
      meta: { num: true, width: "120px" },
      cell: (info) => <When iso={info.getValue()} />,
    }),
    column.accessor("endsAt", {
      header: t("services.endsAt"),
      meta: { num: true, width: "120px", hide: "narrow" },
      cell: (info) => (info.getValue() === null ? "–" : <When iso={info.getValue() ?? ""} />),
    }),
  ];
}

export function Subscribers({ id }: { id: string }) {
  const { t } = useTranslation();
  const [state, setState] = useState<SubscriptionState | undefined>("subscribed");
  const query = useInfiniteQuery(subscribersQuery(id, state));
  const columns = useMemo(() => subscriberColumns(t), [t]);
  const rows = query.data?.pages.flatMap(({ data }) => data);
  return (
    <section>
      <ChoiceFilter
        label={t("services.standing")}
        width={200}
        value={state}
        values={SUBSCRIPTION_STATES}
        word={(value) => t(`services.state.${value}`)}
        onChange={setState}
      />
      {query.isError && rows === undefined ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <DataTable
          label={t("services.people")}
          columns={columns}
          rows={rows}
          rowId={(row) => row.recipientId}
          skeletons={4}
          empty={<Empty icon={IconUsers} title={t("recipients.emptyFiltered")} />}
        />
      )}
      <MoreRows query={query} shown={rows?.length ?? 0} />
    </section>
  );
}
