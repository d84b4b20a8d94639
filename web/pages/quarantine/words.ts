/** What reasons and providers are called: those of servers, those of the denylist, and words that nobody has translated yet as they are. */
import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";

import { providersQuery } from "../../queries-sending.ts";

export function useReasonWord(): (reason: string) => string {
  const { t } = useTranslation();
  return useCallback(
    (reason) =>
      t(`quarantine.denied.${reason as "complaint"}`, {
        defaultValue: t(`reason.${reason as "refused"}`, { defaultValue: reason }),
      }),
    [t],
  );
}

/** Its label where the files of the providers name one; null: nobody knows whose it is. */
export function useProviderName(): (provider: string | null) => string {
  const { t } = useTranslation();
  const { data } = useQuery(providersQuery);
  return useCallback(
    (provider) => {
      if (provider === null) return t("quarantine.noProvider");
      if (provider === "other") return t("sending.otherProvider");
      return data?.data.find(({ name }) => name === provider)?.label ?? provider;
    },
    [t, data],
  );
}
