/** One inbound mail: what was understood and done, and the mail as it came. */
import { SegmentedControl } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";

import type { InboundMailDetail, InboundMailEntry } from "../../../src/contract/inbound.ts";
import { Drawer } from "../../parts/drawer.tsx";
import { Failure, Notice } from "../../parts/notice.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { inboundMailQuery } from "../../queries-inbound.ts";
import { KindBadge, OutcomeBadge } from "./kind-badge.tsx";
import css from "./inbound.module.css";
import { RawMail } from "./raw-mail.tsx";
import { Reports } from "./reports.tsx";
import { type Outcome, subjectOf } from "./view-model.ts";

const TABS = ["understood", "raw"] as const;
type Tab = (typeof TABS)[number];

type Props = {
  id: string;
  /** As the list has it; a link may lead to one that the list does not show. */
  known: InboundMailEntry | undefined;
  onClose: () => void;
};

export function MailDrawer({ id, known, onClose }: Props) {
  const { t } = useTranslation();
  const detail = useQuery(inboundMailQuery(id));
  const mail = detail.data ?? known;
  if (mail !== undefined) return <OpenMail mail={mail} reports={detail.data?.reports} onClose={onClose} />;
  return (
    <Drawer title={t("inbound.title")} onClose={onClose} wide>
      {detail.isError && <Failure error={detail.error} onRetry={() => void detail.refetch()} />}
    </Drawer>
  );
}

/** Undefined: still being read. */
type ReportsRead = InboundMailDetail["reports"] | undefined;

function OpenMail({ mail, reports, onClose }: { mail: InboundMailEntry; reports: ReportsRead; onClose: () => void }) {
  const { t } = useTranslation();
  const [tab, setTab] = useState<Tab>("understood");
  return (
    <Drawer
      title={subjectOf(mail) ?? t("inbound.nobody")}
      beside={mail.kind !== null && <KindBadge kind={mail.kind} />}
      onClose={onClose}
      wide
    >
      <SegmentedControl
        fullWidth
        size="xs"
        mb={14}
        value={tab}
        onChange={(value) => setTab(value as Tab)}
        data={TABS.map((value) => ({ value, label: t(`inbound.view.${value}`) }))}
        aria-label={t("common.details")}
      />
      {tab === "understood" ? <Understood mail={mail} reports={reports} /> : <RawMail mail={mail} />}
    </Drawer>
  );
}

function Understood({ mail, reports }: { mail: InboundMailEntry; reports: ReportsRead }) {
  const { t } = useTranslation();
  return (
    <>
      {mail.error !== null && (
        <Notice
          tone={mail.state === "failed" ? "failed" : "retry"}
          icon={IconAlertTriangle}
          title={t(mail.state === "failed" ? "inbound.notProcessed" : "inbound.triedAgain")}
        >
          <p className="mono">{mail.error}</p>
        </Notice>
      )}
      {mail.outcome !== null && (
        <p className={css["outcome"]}>
          <OutcomeBadge mail={mail} />
          {t(`inbound.outcomeMeaning.${mail.outcome as Outcome}`, { defaultValue: "" })}
        </p>
      )}
      <dl className={css["pairs"]}>
        <AboutMessage mail={mail} />
        <Envelope mail={mail} />
        <Copies mail={mail} />
      </dl>
      {reports !== undefined && (
        <>
          <h3 className={css["reportsTitle"]}>{t("inbound.reports")}</h3>
          <Reports reports={reports} />
        </>
      )}
    </>
  );
}

function Pair({ word, children }: { word: string; children: ReactNode }) {
  return (
    <div>
      <dt>{word}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function AboutMessage({ mail }: { mail: InboundMailEntry }) {
  const { t } = useTranslation();
  return (
    <>
      {mail.address !== null && (
        <Pair word={t("inbound.about")}>
          <Link to="/quarantine" search={{ address: mail.address }}>
            {mail.address}
          </Link>
        </Pair>
      )}
      {mail.messageKey !== null && (
        <Pair word={t("inbound.col.message")}>
          <Link className="mono" to="/messages" search={{ message: mail.messageKey }}>
            {mail.messageKey}
          </Link>
        </Pair>
      )}
      {mail.deliveryId !== null && (
        <Pair word={t("copies.delivery")}>
          <Link to="/deliveries/$id" params={{ id: mail.deliveryId }}>
            {mail.deliveryId}
          </Link>
        </Pair>
      )}
      {mail.type !== null && <Pair word={t("inbound.type")}>{t(`type.${mail.type}`)}</Pair>}
      {mail.reason !== null && <Pair word={t("log.reason")}>{t(`reason.${mail.reason}`)}</Pair>}
      {mail.rule !== null && (
        <Pair word={t("inbound.rule")}>
          <span className="mono">{mail.rule}</span>
        </Pair>
      )}
      {mail.format !== null && (
        <Pair word={t("inbound.format")}>
          <span className="mono">{mail.format}</span>
        </Pair>
      )}
    </>
  );
}

function Envelope({ mail }: { mail: InboundMailEntry }) {
  const { t } = useTranslation();
  const formats = useFormats();
  return (
    <>
      <Pair word={t("inbound.col.at")}>{formats.dateTime(mail.receivedAt)}</Pair>
      <Pair word={t("inbound.cameBy")}>{t(`inbound.source.${mail.source}`)}</Pair>
      <Pair word={t("inbound.recipient")}>
        {mail.recipient ?? <span className="muted">{t("inbound.notTold")}</span>}
      </Pair>
      <Pair word={t("inbound.returnPath")}>
        {mail.returnPath === null || mail.returnPath === "" ? (
          <span className="muted">{t(mail.returnPath === null ? "inbound.notTold" : "inbound.nullPath")}</span>
        ) : (
          mail.returnPath
        )}
      </Pair>
      <Pair word={t("inbound.size")}>{formats.bytes(mail.size)}</Pair>
    </>
  );
}

/** Copies for people are owed until they are taken, or given up. */
function Copies({ mail: { forwardTo, forwardError } }: { mail: InboundMailEntry }) {
  const { t } = useTranslation();
  if (forwardTo.length === 0 && forwardError === null) return null;
  return (
    <Pair word={t(forwardError === null ? "inbound.copyOwed" : "inbound.copyGivenUp")}>
      {forwardTo.join(", ")}
      {forwardError !== null && <p className="mono">{forwardError}</p>}
    </Pair>
  );
}
