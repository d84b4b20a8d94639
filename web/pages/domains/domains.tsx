/** The domains that mail is sent from, each with its signing keys. */
import { Button, Modal, TextInput } from "@mantine/core";
import { IconPlus, IconWorld } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Domain } from "../../../src/contract/index.ts";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { MoreRows } from "../../parts/more-rows.tsx";
import { Empty, Failure } from "../../parts/notice.tsx";
import { PageHead } from "../../parts/page.tsx";
import { rowLinkClass } from "../../parts/row-link.tsx";
import { domainsQuery } from "../../queries.ts";
import css from "./domains.module.css";
import { activeKeys, domainOf, keyWords } from "./view-model.ts";

const column = columnsOf<Domain>();

function domainColumns(t: TFunction): Columns<Domain> {
  return [
    column.accessor("name", {
      header: t("domains.col.name"),
      cell: (info) => (
        <Link className={rowLinkClass} data-row-link to="/domains/$name" params={{ name: info.getValue() }}>
          {info.getValue()}
        </Link>
      ),
    }),
    column.display({
      id: "keys",
      header: t("domains.col.keys"),
      meta: { width: "46%" },
      cell: ({ row: { original } }) => {
        const active = activeKeys(original);
        return active.length === 0 ? (
          <span className="muted">{t("domains.noActiveKey")}</span>
        ) : (
          active.map((key) => (
            <span key={key.id} className={css["keyWord"]}>
              <span className="mono">{key.selector}</span> <span className="muted">{keyWords(key)}</span>
            </span>
          ))
        );
      },
    }),
  ];
}

export function Domains() {
  const { t } = useTranslation();
  const [adding, setAdding] = useState(false);
  const query = useInfiniteQuery(domainsQuery);
  const columns = useMemo(() => domainColumns(t), [t]);
  const rows = query.data?.pages.flatMap((page) => page.data);
  const add = (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setAdding(true)}>
      {t("domains.add")}
    </Button>
  );
  return (
    <>
      <PageHead title={t("domains.title")} actions={add} />
      <p className={css["intro"]}>{t("domains.intro")}</p>
      {query.isError && rows === undefined ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <DataTable
          label={t("domains.title")}
          columns={columns}
          rows={rows}
          rowId={(row) => row.name}
          skeletons={3}
          empty={<Empty icon={IconWorld} title={t("domains.emptyTitle")} text={t("domains.emptyText")} />}
        />
      )}
      <MoreRows query={query} shown={rows?.length ?? 0} />
      <AddDomain opened={adding} onClose={() => setAdding(false)} />
    </>
  );
}

function AddDomain({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [typed, setTyped] = useState("");
  const name = domainOf(typed);
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t("domains.add")}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (name !== null) void navigate({ to: "/domains/$name", params: { name } });
        }}
      >
        <TextInput
          label={t("domains.name")}
          description={t("domains.nameHint")}
          placeholder="news.example.com"
          data-autofocus
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <div className={css["acts"]}>
          <Button variant="default" onClick={onClose}>
            {t("common.cancel")}
          </Button>
          <Button type="submit" disabled={name === null}>
            {t("domains.open")}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
