/** Named sets of recipients: made, opened, counted. */
import { Button } from "@mantine/core";
import { IconList, IconPlus } from "@tabler/icons-react";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import type { RecipientList } from "../../../src/contract/audience-recipients.ts";
import { post } from "../../api.ts";
import type { Formats } from "../../format.ts";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { MoreRows } from "../../parts/more-rows.tsx";
import { Empty, Failure } from "../../parts/notice.tsx";
import { rowLinkClass } from "../../parts/row-link.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { When } from "../../parts/when.tsx";
import { LISTS_KEY, listsQuery } from "../../queries-audience.ts";
import { LabelDialog } from "../templates/label-dialog.tsx";
import { AudienceHead } from "./audience-head.tsx";

const column = columnsOf<RecipientList>();

function listColumns(t: TFunction, formats: Formats): Columns<RecipientList> {
  return [
    column.accessor("label", {
      header: t("templates.label"),
      cell: ({ row: { original } }) => (
        <Link
          className={rowLinkClass}
          data-row-link
          to="/lists/$id"
          params={{ id: original.id }}
          title={original.label}
        >
          {original.label}
        </Link>
      ),
    }),
    column.accessor("members", {
      header: t("lists.members"),
      meta: { num: true, width: "120px" },
      cell: ({ row: { original } }) => (
        <Link className="door" to="/recipients" search={{ list: original.id }}>
          {formats.int(original.members)}
        </Link>
      ),
    }),
    column.accessor("createdAt", {
      header: t("recipients.created"),
      meta: { num: true, width: "130px", hide: "narrow" },
      cell: (info) => <When iso={info.getValue()} />,
    }),
  ];
}

export function Lists() {
  const { t } = useTranslation();
  const formats = useFormats();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [making, setMaking] = useState(false);
  const query = useInfiniteQuery(listsQuery);
  const columns = useMemo(() => listColumns(t, formats), [t, formats]);
  const rows = query.data?.pages.flatMap((page) => page.data);
  const make = useMutation({
    mutationFn: (label: string) => post<RecipientList>("/lists", { label }),
    onSuccess: async ({ id }) => {
      await client.invalidateQueries({ queryKey: LISTS_KEY });
      await navigate({ to: "/lists/$id", params: { id } });
    },
  });
  return (
    <>
      <AudienceHead
        intro={t("lists.intro")}
        actions={
          <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setMaking(true)}>
            {t("lists.new")}
          </Button>
        }
      />
      {query.isError && rows === undefined ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <DataTable
          label={t("lists.title")}
          columns={columns}
          rows={rows}
          rowId={(row) => row.id}
          skeletons={4}
          empty={<Empty icon={IconList} title={t("lists.emptyTitle")} text={t("lists.emptyText")} />}
        />
      )}
      <MoreRows query={query} shown={rows?.length ?? 0} />
      {making && (
        <LabelDialog
          title={t("lists.new")}
          yes={t("lists.create")}
          proposal=""
          busy={make.isPending}
          error={make.error}
          onYes={(label) => make.mutate(label)}
          onNo={() => setMaking(false)}
        />
      )}
    </>
  );
}
