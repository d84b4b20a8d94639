/** Where an invitation leads: a password is chosen, then one signs in with it. */
import { Button, PasswordInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { ApiProblem, choosePassword } from "../../api.ts";
import { Failure } from "../../parts/notice.tsx";
import { Frame } from "./frame.tsx";
import css from "./sign-in.module.css";

export function ChoosePassword({ invitation, onDone }: { invitation: string; onDone: (chosen: boolean) => void }) {
  const { t } = useTranslation();
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const attempt = useMutation({
    mutationFn: () => choosePassword(invitation, password),
    onSuccess: () => onDone(true),
  });
  const problem = attempt.error instanceof ApiProblem ? attempt.error.problem : null;
  const weak = problem?.errors?.find(({ pointer }) => pointer === "/password")?.message;
  const over = problem?.status === 404;
  const differs = again !== "" && again !== password;
  return (
    <Frame title={t("signIn.choose")} onSubmit={() => password === again && attempt.mutate()}>
      <p className="muted">{t("signIn.chooseHint")}</p>
      <PasswordInput
        label={t("signIn.newPassword")}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        error={weak}
        autoComplete="new-password"
        autoFocus
        required
        withAsterisk={false}
      />
      <PasswordInput
        label={t("signIn.again")}
        value={again}
        onChange={(event) => setAgain(event.currentTarget.value)}
        error={differs ? t("signIn.differs") : undefined}
        autoComplete="new-password"
        required
        withAsterisk={false}
      />
      {over && (
        <p className={css["over"]} role="alert">
          {t("signIn.invitationOver")}
        </p>
      )}
      {attempt.isError && !over && weak === undefined && <Failure error={attempt.error} />}
      <Button type="submit" loading={attempt.isPending} disabled={differs} fullWidth>
        {t("signIn.chooseSubmit")}
      </Button>
      <Button variant="subtle" size="xs" onClick={() => onDone(false)}>
        {t("signIn.toSignIn")}
      </Button>
    </Frame>
  );
}
