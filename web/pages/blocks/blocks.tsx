/** Personalisation blocks: pieces of content that deliveries use by name. */
import { Button, Modal, TextInput } from "@mantine/core";
import { IconLock, IconPencil, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Block } from "../../../src/contract/index.ts";
import { Badge } from "../../parts/badge.tsx";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { blockTag } from "../../parts/insert-words.ts";
import { Failure } from "../../parts/notice.tsx";
import { PageHead } from "../../parts/page.tsx";
import { rowLinkClass } from "../../parts/row-link.tsx";
import { When } from "../../parts/when.tsx";
import { blocksQuery } from "../../queries.ts";
import css from "./blocks.module.css";
import { inOrder, nameOf } from "./view-model.ts";

const column = columnsOf<Block>();

function blockColumns(t: TFunction): Columns<Block> {
  return [
    column.accessor("name", {
      header: t("blocks.col.name"),
      meta: { width: "30%" },
      cell: ({ row: { original } }) => (
        <Link className={rowLinkClass} data-row-link to="/blocks/$name" params={{ name: original.name }}>
          {original.name}
        </Link>
      ),
    }),
    column.accessor("label", {
      header: t("blocks.col.label"),
      meta: { hide: "narrow" },
      cell: (info) => info.getValue(),
    }),
    column.display({
      id: "tag",
      header: t("blocks.col.tag"),
      meta: { hide: "medium" },
      cell: ({ row: { original } }) => <span className="mono">{blockTag(original.name, "liquid")}</span>,
    }),
    column.accessor("builtIn", {
      header: t("blocks.col.kind"),
      meta: { width: "130px" },
      cell: ({ row: { original } }) => (
        <Badge
          tone={null}
          icon={original.builtIn ? IconLock : IconPencil}
          word={t(original.builtIn ? "blocks.builtIn" : "blocks.own")}
        />
      ),
    }),
    column.accessor("updatedAt", {
      header: t("blocks.col.updated"),
      meta: { width: "120px", hide: "narrow" },
      cell: (info) => {
        const iso = info.getValue();
        return iso === null ? <span className="muted">–</span> : <When iso={iso} />;
      },
    }),
  ];
}

export function Blocks() {
  const { t } = useTranslation();
  const [naming, setNaming] = useState(false);
  const query = useQuery(blocksQuery);
  const columns = useMemo(() => blockColumns(t), [t]);
  return (
    <>
      <PageHead
        title={t("blocks.title")}
        actions={
          <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setNaming(true)}>
            {t("blocks.new")}
          </Button>
        }
      />
      <p className={css["intro"]}>{t("blocks.intro")}</p>
      {query.isError && query.data === undefined ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <DataTable
          label={t("blocks.title")}
          columns={columns}
          rows={query.data && inOrder(query.data.data)}
          rowId={(row) => row.name}
        />
      )}
      <NewBlock opened={naming} onClose={() => setNaming(false)} />
    </>
  );
}

function NewBlock({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [typed, setTyped] = useState("");
  const name = nameOf(typed);
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t("blocks.new")}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (name !== "") void navigate({ to: "/blocks/$name", params: { name } });
        }}
      >
        <TextInput
          label={t("blocks.name")}
          description={t("blocks.nameHint")}
          data-autofocus
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        {name !== "" && (
          <p className={css["tag"]}>
            <code>{blockTag(name, "liquid")}</code>
          </p>
        )}
        <div className={css["acts"]}>
          <Button variant="default" onClick={onClose}>
            {t("common.cancel")}
          </Button>
          <Button type="submit" disabled={name === ""}>
            {t("blocks.write")}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
