/** Asks for the token and says where it lies. */
import { Button, PasswordInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { ApiProblem, signIn } from "../../api.ts";
import { Failure } from "../../parts/notice.tsx";
import { sessionQuery } from "../../queries.ts";
import { Frame } from "./frame.tsx";
import css from "./sign-in.module.css";

export function ByToken({ onPassword }: { onPassword: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [token, setToken] = useState("");
  const attempt = useMutation({
    mutationFn: () => signIn({ token: token.trim() }),
    onSuccess: () => client.invalidateQueries({ queryKey: sessionQuery.queryKey }),
  });
  const wrong = attempt.error instanceof ApiProblem && [400, 401, 403, 422].includes(attempt.error.problem.status);
  return (
    <Frame title={t("signIn.title")} onSubmit={() => attempt.mutate()}>
      <p className="muted">{t("signIn.intro")}</p>
      <code className={css["command"]}>{t("signIn.command")}</code>
      <PasswordInput
        label={t("signIn.token")}
        value={token}
        onChange={(event) => setToken(event.currentTarget.value)}
        error={wrong ? t("signIn.wrong") : undefined}
        autoComplete="off"
        autoFocus
        required
        withAsterisk={false}
      />
      {attempt.isError && !wrong && <Failure error={attempt.error} />}
      <Button type="submit" loading={attempt.isPending} fullWidth>
        {t("signIn.submit")}
      </Button>
      <p className={css["note"]}>{t("signIn.link")}</p>
      <Button variant="subtle" size="xs" onClick={onPassword}>
        {t("signIn.usePassword")}
      </Button>
    </Frame>
  );
}
