/** The page of the archive: alerts, the ledger of all copies, the archives, the copies. */
import { Skeleton } from "@mantine/core";
import { IconArchive } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import type { ArchiveLedger } from "../../../src/contract/index.ts";
import { NewButton } from "../../parts/new-button.tsx";
import { Empty, Failure } from "../../parts/notice.tsx";
import { PageHead, Section } from "../../parts/page.tsx";
import { archivesQuery, ledgerQuery } from "../../queries.ts";
import { Alerts } from "./alerts.tsx";
import css from "./archive.module.css";
import { ArchivesTable } from "./archives-table.tsx";
import { Copies } from "./copies.tsx";
import { Ledger } from "./ledger.tsx";
import { archiveRows } from "./view-model.ts";

const EVERY_MS = 2000;

export function Archive() {
  const { t } = useTranslation();
  const ledger = useQuery({ ...ledgerQuery, refetchInterval: EVERY_MS });
  return (
    <>
      <PageHead title={t("archive.title")} actions={<NewButton to="/archive/$id" word={t("archive.new")} />} />
      <p className={css["intro"]}>{t("archive.intro")}</p>
      {ledger.data !== undefined ? (
        <Body ledger={ledger.data} />
      ) : ledger.isError ? (
        <Failure error={ledger.error} onRetry={() => void ledger.refetch()} />
      ) : (
        <Skeleton height={150} radius="md" />
      )}
    </>
  );
}

function Body({ ledger }: { ledger: ArchiveLedger }) {
  const { t } = useTranslation();
  const archives = useQuery(archivesQuery);
  const rows = archiveRows(ledger, archives.data?.data);
  if (archives.isError && archives.data === undefined) {
    return <Failure error={archives.error} onRetry={() => void archives.refetch()} />;
  }
  if (archives.data !== undefined && rows.length === 0 && ledger.due === 0 && ledger.alerts.length === 0) {
    return (
      <Empty icon={IconArchive} title={t("archive.emptyTitle")} text={t("archive.emptyText")}>
        <NewButton to="/archive/$id" word={t("archive.new")} />
      </Empty>
    );
  }
  return (
    <>
      <Alerts ledger={ledger} />
      <Ledger ledger={ledger} />
      <Section title={t("archive.archives")}>
        <ArchivesTable rows={archives.data === undefined ? undefined : rows} />
      </Section>
      <div id="copies">
        <Section title={t("archive.copies")}>
          <Copies archives={rows} />
        </Section>
      </div>
    </>
  );
}
