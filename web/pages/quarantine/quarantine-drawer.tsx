/** Why one address stands where it stands: its status and everything that led there. */
import { Skeleton } from "@mantine/core";
import { IconAlertTriangle, IconBan, IconCircleCheck, IconShieldX, type Icon } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import type { QuarantineEntry } from "../../../src/contract/index.ts";
import { Badge } from "../../parts/badge.tsx";
import { Drawer } from "../../parts/drawer.tsx";
import { Failure } from "../../parts/notice.tsx";
import { Section } from "../../parts/page.tsx";
import { When } from "../../parts/when.tsx";
import { quarantineEntryQuery } from "../../queries.ts";
import css from "./quarantine.module.css";
import { QUARANTINE_TONE } from "./view-model.ts";

type Status = QuarantineEntry["status"];

const ICON: Record<Status, Icon> = {
  valid: IconCircleCheck,
  "with-errors": IconAlertTriangle,
  quarantined: IconShieldX,
  denylisted: IconBan,
};

export function QuarantineBadge({ status }: { status: Status }) {
  const { t } = useTranslation();
  return <Badge tone={QUARANTINE_TONE[status]} icon={ICON[status]} word={t(`quarantine.status.${status}`)} />;
}

export function QuarantineDrawer({ address, onClose }: { address: string; onClose: () => void }) {
  const { t } = useTranslation();
  const query = useQuery(quarantineEntryQuery(address));
  const entry = query.data;
  return (
    <Drawer title={address} beside={entry !== undefined && <QuarantineBadge status={entry.status} />} onClose={onClose}>
      {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Skeleton height={160} radius="md" />}
      {entry !== undefined && (
        <>
          {entry.errorText !== null && <p className={css["reply"]}>{entry.errorText}</p>}
          <Section title={t("quarantine.history")}>
            {entry.history.length === 0 ? (
              <p className="muted">{t("quarantine.noHistory")}</p>
            ) : (
              <ol className={css["history"]}>
                {entry.history.map((each, index) => (
                  <li key={index}>
                    <p className={css["line"]}>
                      <b>{t(`quarantine.status.${each.status as Status}`, { defaultValue: each.status })}</b>
                      <span>{t(`reason.${each.reason as "refused"}`, { defaultValue: each.reason })}</span>
                      <span className={css["at"]}>
                        <When iso={each.at} />
                      </span>
                    </p>
                    {each.errorText !== "" && <p className={css["reply"]}>{each.errorText}</p>}
                    {each.messageKey !== null && (
                      <Link to="/messages" search={{ message: each.messageKey }}>
                        {t("quarantine.openMessage", { key: each.messageKey })}
                      </Link>
                    )}
                  </li>
                ))}
              </ol>
            )}
          </Section>
        </>
      )}
    </Drawer>
  );
}
