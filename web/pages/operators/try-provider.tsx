/** Asks the provider what it publishes of itself, before anything is saved. */
import { Button } from "@mantine/core";
import { IconAlertTriangle, IconCheck } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import type { ProviderFound } from "../../../src/contract/sign-in-settings.ts";
import { post } from "../../api.ts";
import { Failure, Notice } from "../../parts/notice.tsx";
import { SIGN_IN_PATH } from "../../queries-operators.ts";

export function TryProvider({ issuer }: { issuer: string }) {
  const { t } = useTranslation();
  const attempt = useMutation({
    mutationFn: async () => ({ issuer, found: await post<ProviderFound>(`${SIGN_IN_PATH}/actions/try`, { issuer }) }),
  });
  // An answer about another issuer says nothing about this one.
  const found = attempt.data?.issuer === issuer ? attempt.data.found : null;
  return (
    <>
      <div>
        <Button
          variant="default"
          size="xs"
          disabled={issuer.trim() === ""}
          loading={attempt.isPending}
          onClick={() => attempt.mutate()}
        >
          {t("oidc.attempt")}
        </Button>
      </div>
      {attempt.isError && <Failure error={attempt.error} />}
      {found?.ok === true && (
        <Notice tone="sent" icon={IconCheck} title={t("oidc.works", { address: found.authorizationEndpoint ?? "" })}>
          {null}
        </Notice>
      )}
      {found?.ok === false && (
        <Notice tone="failed" icon={IconAlertTriangle} title={t("oidc.fails")}>
          <p>{found.detail}</p>
        </Notice>
      )}
    </>
  );
}
