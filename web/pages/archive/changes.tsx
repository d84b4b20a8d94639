/** Who changed an archive, when, and which fields: the audit, newest first. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import type { DeliveryEvent } from "../../../src/contract/index.ts";
import shared from "../../parts/form.module.css";
import { MoreRows } from "../../parts/more-rows.tsx";
import { Failure } from "../../parts/notice.tsx";
import { When } from "../../parts/when.tsx";
import { archiveAuditQuery } from "../../queries.ts";
import css from "./archive.module.css";
import { changesOf } from "./view-model.ts";

export function Changes({ id }: { id: string }) {
  const { t } = useTranslation();
  const query = useInfiniteQuery(archiveAuditQuery(id));
  const events = query.data?.pages.flatMap((page) => page.data);
  if (query.isError && events === undefined) {
    return <Failure error={query.error} onRetry={() => void query.refetch()} />;
  }
  if (events === undefined || events.length === 0) return null;
  return (
    <fieldset className={shared["group"]}>
      <legend>{t("archiveChange.title")}</legend>
      <ol>
        {events.map((event) => (
          <Change key={event.id} event={event} />
        ))}
      </ol>
      {query.hasNextPage && <MoreRows query={query} shown={events.length} />}
    </fieldset>
  );
}

function Change({ event }: { event: DeliveryEvent }) {
  const { t } = useTranslation();
  // Of what is new every field would be named.
  const changes = event.kind === "changed" ? changesOf(event.detail) : [];
  return (
    <li className={css["change"]}>
      {/* A kind that this version has no words for is shown as the API names it. */}
      <b>{t(`archiveChange.kind.${event.kind as "created"}`, { defaultValue: event.kind })}</b>
      <span>{event.actor}</span>
      <When iso={event.at} />
      {changes.length > 0 && (
        <span className={css["fields"]}>
          {changes.map(({ field, from, to }) => (
            <span key={field}>
              {field}: {from} → {to}
            </span>
          ))}
        </span>
      )}
    </li>
  );
}
