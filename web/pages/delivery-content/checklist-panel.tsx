/** What the analysis found: the target as a sum, each exclusion a door, then what blocks and what does not. */
import { Loader } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconCircleX, IconInfoCircle, type Icon } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import type { Checklist, ChecklistItem, Delivery } from "../../../src/contract/index.ts";
import { useFormats } from "../../parts/use-now.ts";
import type { Tone } from "../../tones.ts";
import { byCount } from "../exclusions/view-model.ts";
import css from "./checklist.module.css";
import { countOf, inOrder } from "./view-model.ts";

const LEVEL: Record<ChecklistItem["level"], { icon: Icon; tone: Tone }> = {
  error: { icon: IconCircleX, tone: "failed" },
  warning: { icon: IconAlertTriangle, tone: "retry" },
  info: { icon: IconInfoCircle, tone: "waiting" },
};

export function ChecklistBefore() {
  const { t } = useTranslation();
  return (
    <aside className={css["panel"]} data-empty aria-label={t("checklist.title")}>
      <h2 className={css["title"]}>{t("checklist.title")}</h2>
      <p className="muted">{t("checklist.before")}</p>
    </aside>
  );
}

type Props = { delivery: Delivery; checklist: Checklist | undefined; stale: boolean };

export function ChecklistPanel({ delivery, checklist, stale }: Props) {
  const { t } = useTranslation();
  if (delivery.state === "analysing") {
    return (
      <aside className={css["panel"]} aria-label={t("checklist.title")}>
        <h2 className={css["title"]}>{t("checklist.title")}</h2>
        <p className={css["running"]} role="status">
          <Loader size={16} color="var(--ink)" /> {t("checklist.running")}
        </p>
      </aside>
    );
  }
  if (checklist === undefined) return <ChecklistBefore />;
  const preparing = delivery.state === "editing" || delivery.state === "ready";
  return (
    <aside className={css["panel"]} aria-label={t("checklist.title")}>
      <h2 className={css["title"]}>{t("checklist.title")}</h2>
      {stale && preparing && (
        <p className={css["stale"]} data-tone="retry">
          {t("editor.stale")}
        </p>
      )}
      <Sum id={delivery.id} checklist={checklist} />
      <Verdict items={checklist.items} />
      <ul>
        {inOrder(checklist.items).map((item) => (
          <Item key={item.id} item={item} />
        ))}
      </ul>
    </aside>
  );
}

function Sum({ id, checklist }: { id: string; checklist: Checklist }) {
  const { t } = useTranslation();
  const formats = useFormats();
  return (
    <dl className={css["sum"]}>
      <div>
        <dt>{t("checklist.targeted")}</dt>
        <dd>{formats.int(checklist.targeted)}</dd>
      </div>
      {byCount(checklist.excluded).map(({ reason, count }) => (
        <div key={reason} className={css["minus"]}>
          <dt>
            <Link className="door" to="/deliveries/$id/exclusions" params={{ id }} search={{ reason }}>
              {t(`exclusion.${reason}`)}
            </Link>
          </dt>
          <dd>
            <Link className="door" to="/deliveries/$id/exclusions" params={{ id }} search={{ reason }}>
              −{formats.int(count)}
            </Link>
          </dd>
        </div>
      ))}
      <div className={css["total"]}>
        <dt>{t("checklist.toDeliver")}</dt>
        <dd>{formats.int(checklist.toDeliver)}</dd>
      </div>
    </dl>
  );
}

function Verdict({ items }: { items: readonly ChecklistItem[] }) {
  const { t } = useTranslation();
  const errors = countOf(items, "error");
  const warnings = countOf(items, "warning");
  const Glyph = errors > 0 ? IconCircleX : warnings > 0 ? IconAlertTriangle : IconCircleCheck;
  const words = [
    errors > 0 ? t("checklist.error", { count: errors }) : null,
    warnings > 0 ? t("checklist.warning", { count: warnings }) : null,
  ].filter((each) => each !== null);
  return (
    <p className={css["verdict"]} data-tone={errors > 0 ? "failed" : warnings > 0 ? "retry" : "sent"}>
      <Glyph size={16} aria-hidden />
      {words.length === 0 ? t("checklist.clean") : words.join(" · ")}
    </p>
  );
}

function Item({ item }: { item: ChecklistItem }) {
  const { t } = useTranslation();
  const { icon: Glyph, tone } = LEVEL[item.level];
  return (
    <li className={css["item"]} data-tone={tone} data-level={item.level}>
      <Glyph size={16} role="img" aria-label={t(`checklist.level.${item.level}`)} />
      <div>
        <p className={css["itemTitle"]}>{item.title}</p>
        {item.detail !== "" && <p className={css["itemDetail"]}>{item.detail}</p>}
      </div>
    </li>
  );
}
