/** Why one address stands where it stands: its status, what may be done, and everything that led there. */
import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import type { QuarantineEntry } from "../../../src/contract/index.ts";
import { Drawer } from "../../parts/drawer.tsx";
import { May } from "../../parts/may.tsx";
import { Failure } from "../../parts/notice.tsx";
import { Section } from "../../parts/page.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { When } from "../../parts/when.tsx";
import { quarantineEntryQuery } from "../../queries-quarantine.ts";
import { AddressActs } from "./address-acts.tsx";
import { QuarantineBadge } from "./quarantine-badge.tsx";
import css from "./quarantine.module.css";
import { shownStatus, type ShownStatus } from "./view-model.ts";
import { useProviderName, useReasonWord } from "./words.ts";

export function QuarantineDrawer({ address, onClose }: { address: string; onClose: () => void }) {
  const { t } = useTranslation();
  const query = useQuery(quarantineEntryQuery(address));
  const entry = query.data;
  return (
    <Drawer
      title={address}
      beside={entry !== undefined && <QuarantineBadge status={shownStatus(entry)} />}
      onClose={onClose}
    >
      {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Skeleton height={160} radius="md" />}
      {entry !== undefined && (
        <>
          <p className={css["meaning"]}>{t(`quarantine.meaning.${shownStatus(entry)}`)}</p>
          <Facts entry={entry} />
          {entry.errorText !== null && entry.errorText !== "" && <p className={css["reply"]}>{entry.errorText}</p>}
          <May right="quarantine.write">
            <AddressActs key={entry.status} entry={entry} />
          </May>
          <Section title={t("quarantine.history")}>
            <History entry={entry} />
          </Section>
        </>
      )}
    </Drawer>
  );
}

function Facts({ entry }: { entry: QuarantineEntry }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const reasonWord = useReasonWord();
  const providerName = useProviderName();
  return (
    <>
      <dl className={css["facts"]}>
        {entry.reason !== null && (
          <div>
            <dt>{t("quarantine.col.reason")}</dt>
            <dd>{reasonWord(entry.reason)}</dd>
          </div>
        )}
        {entry.errors > 0 && (
          <div>
            <dt>{t("quarantine.counted")}</dt>
            <dd>{formats.int(entry.errors)}</dd>
          </div>
        )}
        {entry.provider !== null && (
          <div>
            <dt>{t("sending.provider")}</dt>
            <dd>{providerName(entry.provider)}</dd>
          </div>
        )}
      </dl>
      <p className={css["doors"]}>
        <Link to="/inbound-mails" search={{ address: entry.address }}>
          {t("quarantine.inbound")}
        </Link>
        {entry.reason === "unsubscribed" && (
          <Link to="/unsubscriptions" search={{ address: entry.address }}>
            {t("unsubscriptions.title")}
          </Link>
        )}
      </p>
    </>
  );
}

function History({ entry }: { entry: QuarantineEntry }) {
  const { t } = useTranslation();
  if (entry.history.length === 0) return <p className="muted">{t("quarantine.noHistory")}</p>;
  return (
    <ol className={css["history"]}>
      {entry.history.map((change, index) => (
        <Change key={index} change={change} />
      ))}
    </ol>
  );
}

/** What happened and who did it; then the status after it, when it says more. */
function Change({ change }: { change: QuarantineEntry["history"][number] }) {
  const { t } = useTranslation();
  const reasonWord = useReasonWord();
  const { cause, status, reason, actor, note, errorText, messageKey } = change;
  return (
    <li data-cause={cause}>
      <p className={css["line"]}>
        <b>{t(`quarantine.cause.${cause as "error"}`, { defaultValue: cause })}</b>
        <span className={css["at"]}>
          <When iso={change.at} />
        </span>
      </p>
      <p className={css["after"]}>
        <span>{t(`quarantine.status.${status as ShownStatus}`, { defaultValue: status })}</span>
        <span>{reasonWord(reason)}</span>
        {actor !== "" && <span>{t("quarantine.by", { actor })}</span>}
        {messageKey !== null && (
          <Link to="/messages" search={{ message: messageKey }}>
            {t("quarantine.openMessage", { key: messageKey })}
          </Link>
        )}
      </p>
      {note !== "" && <p className={css["note"]}>{note}</p>}
      {errorText !== "" && <p className={css["reply"]}>{errorText}</p>}
    </li>
  );
}
