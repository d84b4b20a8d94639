/** The event strip: what happened to the delivery, when, by whom; newest first. */
import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import type { DeliveryEvent } from "../../../src/contract/index.ts";
import { Failure } from "../../parts/notice.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { auditQuery } from "../../queries.ts";
import css from "./live.module.css";
import { eventDetail, eventKey } from "./view-model.ts";

export function Events({ id }: { id: string }) {
  const { t } = useTranslation();
  const query = useQuery(auditQuery(id));
  if (query.isError && query.data === undefined) return <Failure error={query.error} />;
  if (query.data === undefined) return <Skeleton height={180} radius="md" />;
  if (query.data.data.length === 0) return <p className="muted">{t("live.noEvents")}</p>;
  return (
    <ol className={css["events"]}>
      {query.data.data.map((event) => (
        <Event key={event.id} event={event} />
      ))}
    </ol>
  );
}

function Event({ event }: { event: DeliveryEvent }) {
  const { t } = useTranslation();
  const formats = useFormats();
  // A kind that this version has no words for is shown as the API names it.
  const words = t(`event.${eventKey(event.kind) as "created"}`, { defaultValue: event.kind });
  const detail = eventDetail(event.detail);
  return (
    <li className={css["event"]}>
      <time dateTime={event.at} title={formats.dateTime(event.at)} className={css["eventTime"]}>
        {formats.clock(event.at)}
      </time>
      <div className={css["eventBody"]}>
        <span className={css["eventWords"]}>{words}</span> <span className="muted">{event.actor}</span>
        {detail.length > 0 && (
          <p className={css["eventDetail"]}>
            {detail.map(({ name, value }) => (
              <span key={name}>
                {name} <b>{typeof value === "number" ? formats.int(value) : value}</b>
              </span>
            ))}
          </p>
        )}
      </div>
    </li>
  );
}
