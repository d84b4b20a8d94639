/** Addresses whose errors are ignored: who is on the list and why, putting one on it, taking one off, and files of both ways. */
import { ActionIcon, Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconDownload, IconFileImport, IconPlus, IconShieldHeart, IconTrash } from "@tabler/icons-react";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import type { AllowedAddress } from "../../../src/contract/quarantine.ts";
import { apiUrl, post, remove } from "../../api.ts";
import { Confirm } from "../../parts/confirm.tsx";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { AddressField } from "../../parts/address-field.tsx";
import { refusalAt } from "../../parts/field-errors.ts";
import { MoreRows } from "../../parts/more-rows.tsx";
import { Empty, Failure } from "../../parts/notice.tsx";
import { rowLinkClass } from "../../parts/row-link.tsx";
import { useToldErrors } from "../../parts/told-errors.ts";
import { Toolbar } from "../../parts/toolbar.tsx";
import { When } from "../../parts/when.tsx";
import { ALLOWLIST_KEY, allowedPath, allowlistQuery, QUARANTINE_KEY } from "../../queries-quarantine.ts";
import { AddressImport } from "./address-import.tsx";
import { NoteDialog } from "./note-dialog.tsx";
import { QuarantineHead } from "./quarantine-head.tsx";

const column = columnsOf<AllowedAddress>();

function allowlistColumns(t: TFunction, onRemove: (address: string) => void): Columns<AllowedAddress> {
  return [
    column.accessor("address", {
      header: t("quarantine.col.address"),
      meta: { width: "34%" },
      cell: ({ row: { original } }) => (
        <Link
          className={rowLinkClass}
          data-row-link
          to="/quarantine"
          search={{ address: original.address }}
          title={original.address}
        >
          {original.address}
        </Link>
      ),
    }),
    column.accessor("note", {
      header: t("quarantine.note"),
      meta: { hide: "narrow" },
      cell: (info) =>
        info.getValue() === "" ? (
          <span className="muted">–</span>
        ) : (
          <span title={info.getValue()}>{info.getValue()}</span>
        ),
    }),
    column.accessor("actor", { header: t("allowlist.col.actor"), meta: { width: "16%", hide: "narrow" } }),
    column.accessor("at", {
      header: t("allowlist.col.at"),
      meta: { num: true, width: "112px" },
      cell: (info) => <When iso={info.getValue()} />,
    }),
    column.display({
      id: "remove",
      header: () => <span className="visually-hidden">{t("common.remove")}</span>,
      meta: { num: true, width: "60px" },
      cell: ({ row: { original } }) => (
        <ActionIcon
          variant="subtle"
          c="var(--muted)"
          size={28}
          aria-label={`${t("common.remove")}: ${original.address}`}
          onClick={() => onRemove(original.address)}
        >
          <IconTrash size={16} aria-hidden />
        </ActionIcon>
      ),
    }),
  ];
}

export function Allowlist() {
  const { t } = useTranslation();
  const [doing, setDoing] = useState<"add" | "import" | null>(null);
  const add = (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setDoing("add")}>
      {t("allowlist.add")}
    </Button>
  );
  return (
    <>
      <QuarantineHead intro={t("allowlist.intro")} actions={add} />
      <Toolbar>
        <Button
          component="a"
          href={apiUrl("/allowlist/export")}
          download
          variant="default"
          ml="auto"
          leftSection={<IconDownload size={16} aria-hidden />}
        >
          {t("quarantine.export")}
        </Button>
        <Button
          variant="default"
          leftSection={<IconFileImport size={16} aria-hidden />}
          onClick={() => setDoing("import")}
        >
          {t("quarantine.import")}
        </Button>
      </Toolbar>
      <Addresses />
      {doing === "add" && <AllowDialog onClose={() => setDoing(null)} />}
      {doing === "import" && <AddressImport into="allowlist" onClose={() => setDoing(null)} />}
    </>
  );
}

function Addresses() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const tellError = useToldErrors();
  const [asked, setAsked] = useState<string | null>(null);
  const query = useInfiniteQuery(allowlistQuery);
  const columns = useMemo(() => allowlistColumns(t, setAsked), [t]);
  const takeOff = useMutation({
    mutationFn: (address: string) => remove(allowedPath(address), null),
    onSuccess: (_, address) => notifications.show({ message: t("allowlist.removed", { address }), color: "ink" }),
    onError: tellError,
    onSettled: async () => {
      setAsked(null);
      await client.invalidateQueries({ queryKey: ALLOWLIST_KEY });
    },
  });
  const rows = query.data?.pages.flatMap((page) => page.data);
  if (query.isError && rows === undefined) return <Failure error={query.error} onRetry={() => void query.refetch()} />;
  const question = asked === null ? null : { address: asked };
  return (
    <>
      <DataTable
        label={t("quarantine.tab.allowlist")}
        columns={columns}
        rows={rows}
        rowId={(row) => row.address}
        empty={<Empty icon={IconShieldHeart} title={t("allowlist.emptyTitle")} text={t("allowlist.emptyText")} />}
      />
      <MoreRows query={query} shown={rows?.length ?? 0} />
      <Confirm
        question={
          question && {
            title: t("allowlist.removeTitle", question),
            text: t("allowlist.removeText"),
            yes: t("allowlist.removeYes"),
          }
        }
        busy={takeOff.isPending}
        onYes={() => asked !== null && takeOff.mutate(asked)}
        onNo={() => setAsked(null)}
      />
    </>
  );
}

function AllowDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [address, setAddress] = useState("");
  const allow = useMutation({
    mutationFn: (note: string) => post<AllowedAddress>("/allowlist", { address: address.trim(), note }),
    onSuccess: async (allowed) => {
      notifications.show({ message: t("quarantine.actDone.allow", { address: allowed.address }), color: "ink" });
      void client.invalidateQueries({ queryKey: QUARANTINE_KEY });
      await client.invalidateQueries({ queryKey: ALLOWLIST_KEY });
      onClose();
    },
  });
  const refused = refusalAt("address", allow.error);
  return (
    <NoteDialog
      title={t("allowlist.addTitle")}
      text={t("quarantine.actText.allow")}
      yes={t("quarantine.actYes.allow")}
      optional
      busy={allow.isPending}
      error={refused === undefined ? allow.error : null}
      onYes={(note) => allow.mutate(note)}
      onNo={onClose}
    >
      <AddressField value={address} error={refused} onChange={setAddress} />
    </NoteDialog>
  );
}
