/** The new password, confirmed with the old one. Other browsers are signed out by it. */
import { Button, PasswordInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { act } from "../../api.ts";
import { Failure } from "../../parts/notice.tsx";
import { browsersQuery } from "../../queries-operators.ts";
import css from "./account.module.css";
import { errorsOf } from "./errors-of.ts";

const EMPTY = { current: "", password: "", again: "" };

export function ChangePassword({ login }: { login: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [typed, setTyped] = useState(EMPTY);
  const set = (field: keyof typeof EMPTY) => (event: { currentTarget: { value: string } }) =>
    setTyped({ ...typed, [field]: event.currentTarget.value });
  const save = useMutation({
    mutationFn: () => act("/session/password/change", { current: typed.current, password: typed.password }),
    onSuccess: () => {
      setTyped(EMPTY);
      notifications.show({ message: t("account.passwordSaved") });
      return client.invalidateQueries({ queryKey: browsersQuery.queryKey });
    },
  });
  const errors = errorsOf(save.error);
  const differs = typed.again !== "" && typed.again !== typed.password;
  return (
    <form
      className={css["form"]}
      onSubmit={(event) => {
        event.preventDefault();
        if (typed.password === typed.again) save.mutate();
      }}
    >
      <input type="text" name="username" value={login} autoComplete="username" readOnly hidden />
      <PasswordInput
        label={t("account.current")}
        value={typed.current}
        onChange={set("current")}
        error={errors.current !== undefined && t("account.wrongPassword")}
        autoComplete="current-password"
        required
        withAsterisk={false}
      />
      <PasswordInput
        label={t("signIn.newPassword")}
        description={t("signIn.chooseHint")}
        value={typed.password}
        onChange={set("password")}
        error={errors.password}
        autoComplete="new-password"
        required
        withAsterisk={false}
      />
      <PasswordInput
        label={t("signIn.again")}
        value={typed.again}
        onChange={set("again")}
        error={differs && t("signIn.differs")}
        autoComplete="new-password"
        required
        withAsterisk={false}
      />
      {save.isError && errors.unplaced && <Failure error={save.error} />}
      <Button type="submit" variant="default" loading={save.isPending} disabled={differs}>
        {t("account.changePassword")}
      </Button>
    </form>
  );
}
