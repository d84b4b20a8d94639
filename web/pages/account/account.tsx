/** One's own account: password, second factor, the browsers that are signed in. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { PageHead, Section } from "../../parts/page.tsx";
import { sessionQuery } from "../../queries.ts";
import css from "./account.module.css";
import { Browsers } from "./browsers.tsx";
import { ChangePassword } from "./change-password.tsx";
import { SecondFactor } from "./second-factor.tsx";

export function Account() {
  const { t } = useTranslation();
  const session = useQuery(sessionQuery).data;
  const operator = session?.operator ?? null;
  return (
    <>
      <PageHead title={t("account.title")} />
      {operator === null ? (
        <p className={css["intro"]}>{t("account.token", { label: session?.label ?? "" })}</p>
      ) : (
        <>
          <p className={css["intro"]}>{t("account.intro", { login: operator.login, name: operator.name })}</p>
          <Section title={t("account.password")}>
            <ChangePassword login={operator.login} />
          </Section>
          <Section title={t("account.secondFactor")}>
            <SecondFactor inForce={operator.secondFactor} recoveryCodes={operator.recoveryCodes} />
          </Section>
        </>
      )}
      <Section title={t("account.browsers")}>
        <Browsers />
      </Section>
    </>
  );
}
