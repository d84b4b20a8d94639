/** What waits for the decision of whoever is signed in: one line above the deliveries, which opens the list of it. Nothing waits: nothing is shown. */
import { Badge as Kind } from "@mantine/core";
import { IconChevronRight, IconUserCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import type { WaitingApproval } from "../../../src/contract/approvals.ts";
import { Drawer } from "../../parts/drawer.tsx";
import { useMay } from "../../parts/may.tsx";
import { useFormats, useNow } from "../../parts/use-now.ts";
import { When } from "../../parts/when.tsx";
import { waitingQuery } from "../../queries.ts";
import css from "./deliveries.module.css";
import { countWaiting } from "./view-model.ts";

const EVERY_MS = 60_000;

/** `open`: the list is. */
type Props = { open: boolean; onOpen: (open: boolean) => void };

export function WaitingApprovals({ open, onOpen }: Props) {
  const { t } = useTranslation();
  const formats = useFormats();
  const mayDecide = useMay()("deliveries.approve");
  const { data } = useQuery({ ...waitingQuery, enabled: mayDecide, refetchInterval: EVERY_MS });
  if (data === undefined || data.data.length === 0) return null;
  const count = countWaiting(data.data);
  return (
    <>
      <button type="button" className={css["waiting"]} aria-expanded={open} onClick={() => onOpen(!open)}>
        <IconUserCheck size={18} aria-hidden />
        <span>{t("deliveries.waiting", { count, n: formats.int(count) })}</span>
        <IconChevronRight size={16} aria-hidden />
      </button>
      {open && (
        <Drawer title={t("deliveries.waitingTitle")} onClose={() => onOpen(false)}>
          <ul className={css["asked"]}>
            {data.data.map((each) => (
              <Asked key={`${each.delivery.id} ${each.kind}`} asked={each} />
            ))}
          </ul>
        </Drawer>
      )}
    </>
  );
}

function Asked({ asked: { delivery, kind, askedBy, askedAt, deadline } }: { asked: WaitingApproval }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const now = useNow(60);
  const { id, label, toDeliver } = delivery;
  return (
    <li>
      <div className={css["askedHead"]}>
        <Link to="/deliveries/$id/start" params={{ id }} hash="approvals">
          {label}
        </Link>
        <Kind variant="default" tt="none">
          {t(`start.kind.${kind}`)}
        </Kind>
      </div>
      <p className="muted">
        {t("deliveries.waitingPeople", { count: toDeliver, n: formats.int(toDeliver) })}
        {" · "}
        {askedBy === null ? t("deliveries.waitingSince") : t("deliveries.waitingBy", { name: askedBy })}{" "}
        <When iso={askedAt} />
      </p>
      <p className={Date.parse(deadline) < now ? css["late"] : "muted"}>
        {t("start.deadline")} <When iso={deadline} />
      </p>
    </li>
  );
}
