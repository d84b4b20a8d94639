/** The button that leads to the identity provider, and what to know when somebody came back from there without getting in. */
import { Button } from "@mantine/core";
import { IconAlertTriangle, IconKey } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { apiUrl, query } from "../../api.ts";
import { Notice } from "../../parts/notice.tsx";
import { signInMethodsQuery } from "../../queries-operators.ts";
import { outcomeOf } from "./refusal.ts";
import css from "./sign-in.module.css";

export function ProviderButton() {
  const { t } = useTranslation();
  const methods = useQuery(signInMethodsQuery).data;
  if (!methods?.oidc) return null;
  const { label } = methods.oidc;
  return (
    <>
      <Button
        component="a"
        href={apiUrl(`/session/oidc${query({ to: location.pathname + location.search })}`)}
        variant="default"
        leftSection={<IconKey size={16} aria-hidden />}
        fullWidth
      >
        {label === "" ? t("signIn.withProvider") : t("signIn.with", { label })}
      </Button>
      {methods.passwords === "administrators" && <p className={css["note"]}>{t("signIn.onlyAdministrators")}</p>}
    </>
  );
}

export function ProviderOutcome({ outcome }: { outcome: string | null }) {
  const { t } = useTranslation();
  if (outcome === null) return null;
  return (
    <div role="alert">
      <Notice tone="failed" icon={IconAlertTriangle} title={t("signIn.notIn")}>
        <p>{t(`signIn.outcome.${outcomeOf(outcome)}`)}</p>
      </Notice>
    </div>
  );
}
