/** Templates: what new deliveries start from. */
import { Button } from "@mantine/core";
import { IconArchive, IconCircleDashed, IconLock, IconPencil, IconPlus } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Folder, Template, TemplateSummary } from "../../../src/contract/index.ts";
import { post } from "../../api.ts";
import { Badge } from "../../parts/badge.tsx";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { Failure } from "../../parts/notice.tsx";
import { PageHead } from "../../parts/page.tsx";
import { rowLinkClass } from "../../parts/row-link.tsx";
import { Toolbar } from "../../parts/toolbar.tsx";
import { When } from "../../parts/when.tsx";
import { templateQuery, templatesIn, templatesQuery } from "../../queries.ts";
import { foldersQuery } from "../../queries-properties.ts";
import { FolderFilter } from "../folders/folder-filter.tsx";
import { LabelDialog } from "./label-dialog.tsx";
import css from "./templates.module.css";
import { inOrder } from "./view-model.ts";

const route = getRouteApi("/templates");
const column = columnsOf<TemplateSummary>();

function templateColumns(t: TFunction, folders: readonly Folder[]): Columns<TemplateSummary> {
  return [
    column.accessor("label", {
      header: t("templates.label"),
      cell: ({ row: { original } }) => (
        <Link
          className={rowLinkClass}
          data-row-link
          to="/templates/$id"
          params={{ id: original.id }}
          title={original.label}
        >
          {original.label}
        </Link>
      ),
    }),
    column.accessor("folder", {
      header: t("folders.col"),
      meta: { width: "200px", hide: "medium" },
      cell: (info) => {
        const path = folders.find(({ id }) => id === info.getValue())?.path.join(" / ") ?? "";
        return <span title={path}>{path}</span>;
      },
    }),
    column.accessor("category", {
      header: t("folders.category"),
      meta: { width: "150px", hide: "medium" },
      cell: (info) => <span title={info.getValue()}>{info.getValue()}</span>,
    }),
    column.accessor("archiveOn", {
      header: t("templates.col.bcc"),
      meta: { width: "170px" },
      cell: (info) => (
        <Badge
          tone={null}
          icon={info.getValue() ? IconArchive : IconCircleDashed}
          word={t(info.getValue() ? "templates.bccOn" : "templates.bccOff")}
        />
      ),
    }),
    column.accessor("builtIn", {
      header: t("templates.col.kind"),
      meta: { width: "130px", hide: "narrow" },
      cell: (info) => (
        <Badge
          tone={null}
          icon={info.getValue() ? IconLock : IconPencil}
          word={t(info.getValue() ? "templates.builtIn" : "templates.own")}
        />
      ),
    }),
    column.accessor("updatedAt", {
      header: t("templates.col.updated"),
      meta: { width: "120px", hide: "narrow" },
      cell: (info) => <When iso={info.getValue()} />,
    }),
  ];
}

export function Templates() {
  const { t } = useTranslation();
  const [naming, setNaming] = useState(false);
  const { folder } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery(templatesIn(folder));
  const folders = useQuery(foldersQuery("templates")).data?.data;
  const columns = useMemo(() => templateColumns(t, folders ?? []), [t, folders]);
  return (
    <>
      <PageHead
        title={t("templates.title")}
        actions={
          <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setNaming(true)}>
            {t("templates.new")}
          </Button>
        }
      />
      <p className={css["intro"]}>{t("templates.intro")}</p>
      <Toolbar>
        <FolderFilter
          tree="templates"
          value={folder}
          onChange={(next) => void navigate({ search: { folder: next }, replace: true })}
        />
      </Toolbar>
      {query.isError && query.data === undefined ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <DataTable
          label={t("templates.title")}
          columns={columns}
          rows={query.data && inOrder(query.data.data)}
          rowId={(row) => row.id}
        />
      )}
      {naming && <NewTemplate onClose={() => setNaming(false)} />}
    </>
  );
}

function NewTemplate({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const make = useMutation({
    mutationFn: (label: string) => post<Template>("/templates", { label }),
    onSuccess: async (made) => {
      client.setQueryData(templateQuery(made.id).queryKey, made);
      void client.invalidateQueries({ queryKey: templatesQuery.queryKey });
      await navigate({ to: "/templates/$id", params: { id: made.id } });
    },
  });
  return (
    <LabelDialog
      title={t("templates.new")}
      text={t("templates.newText")}
      yes={t("templates.create")}
      proposal=""
      busy={make.isPending}
      error={make.error}
      onYes={(label) => make.mutate(label)}
      onNo={onClose}
    />
  );
}
