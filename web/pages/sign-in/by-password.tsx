/** Login and password; the code of the authenticator app is asked for when the password was right and one is needed. */
import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { ApiProblem, signIn } from "../../api.ts";
import { Failure } from "../../parts/notice.tsx";
import { sessionQuery } from "../../queries.ts";
import { CodeField } from "./code-field.tsx";
import { Frame } from "./frame.tsx";
import { ProviderButton, ProviderOutcome } from "./provider-button.tsx";
import { refusalOf } from "./refusal.ts";
import css from "./sign-in.module.css";

type Props = { chosen: boolean; outcome: string | null; onToken: () => void };

export function ByPassword({ chosen, outcome, onToken }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  /** Once it was asked for, it stays: an empty one would be refused again. */
  const [needsCode, setNeedsCode] = useState(false);
  const attempt = useMutation({
    mutationFn: () => signIn({ login: login.trim(), password, ...(needsCode ? { code } : {}) }),
    onSuccess: () => client.invalidateQueries({ queryKey: sessionQuery.queryKey }),
    onError: (error) => {
      setCode("");
      if (error instanceof ApiProblem && error.problem.code === "code-needed") setNeedsCode(true);
    },
  });
  const refusal = attempt.isError ? refusalOf(attempt.error) : null;
  const change = (set: (text: string) => void) => (event: { currentTarget: { value: string } }) => {
    set(event.currentTarget.value);
    setNeedsCode(false);
  };
  return (
    <Frame title={t("signIn.title")} onSubmit={() => attempt.mutate()}>
      <ProviderOutcome outcome={outcome} />
      <ProviderButton />
      {chosen && (
        <p className="muted" role="status">
          {t("signIn.chosen")}
        </p>
      )}
      <TextInput
        label={t("signIn.login")}
        value={login}
        onChange={change(setLogin)}
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        autoFocus
        required
        withAsterisk={false}
      />
      <PasswordInput
        label={t("signIn.password")}
        value={password}
        onChange={change(setPassword)}
        error={refusal === "wrong" ? t("signIn.wrongPassword") : undefined}
        autoComplete="current-password"
        required
        withAsterisk={false}
      />
      {needsCode && <CodeField value={code} isWrong={refusal === "code-wrong"} onChange={setCode} />}
      {refusal === "other" && <Failure error={attempt.error} />}
      <Button type="submit" loading={attempt.isPending} fullWidth>
        {t("signIn.submit")}
      </Button>
      <p className={css["note"]}>{t("signIn.forgotten")}</p>
      <Button variant="subtle" size="xs" onClick={onToken}>
        {t("signIn.useToken")}
      </Button>
    </Frame>
  );
}
