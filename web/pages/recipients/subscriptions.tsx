/** What a person is subscribed to, and how that came. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { FormGroup } from "../../parts/editor-page.tsx";
import { When } from "../../parts/when.tsx";
import { subscriptionsOfQuery } from "../../queries-services.ts";
import css from "./recipients.module.css";

/** Beyond, the API has the rest. */
const SHOWN = 10;

export function Subscriptions({ recipient }: { recipient: string }) {
  const { t } = useTranslation();
  const { data } = useQuery(subscriptionsOfQuery(recipient));
  if (data === undefined) return null;
  return (
    <FormGroup title={t("services.title")}>
      {data.subscriptions.length === 0 ? (
        <p className="muted">{t("services.none")}</p>
      ) : (
        <ul className={css["chips"]}>
          {data.subscriptions.map(({ serviceId, serviceName, state }) => (
            <li key={serviceId} className={css["chip"]}>
              <Link to="/services/$id" params={{ id: serviceId }}>
                {serviceName}
              </Link>
              : {t(`services.state.${state}`)}
            </li>
          ))}
        </ul>
      )}
      <ul className={css["past"]}>
        {data.history.slice(0, SHOWN).map(({ at, serviceName, kind, origin, actor, note }) => (
          <li key={`${at} ${kind} ${serviceName}`}>
            <When iso={at} /> · {serviceName}: {t(`services.event.${kind}`)} (
            {[t(`services.origin.${origin}`), actor, note].filter((word) => word !== "").join(", ")})
          </li>
        ))}
      </ul>
    </FormGroup>
  );
}
