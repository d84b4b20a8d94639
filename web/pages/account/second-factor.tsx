/** The authenticator app: its secret, the first code that puts it in force, recovery codes, and taking it off again. */
import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { confirmSecondFactor, type Offer, offerSecondFactor, removeSecondFactor } from "../../api-account.ts";
import { Copy } from "../../parts/copy.tsx";
import { Failure } from "../../parts/notice.tsx";
import { useToldErrors } from "../../parts/told-errors.ts";
import { sessionQuery } from "../../queries.ts";
import css from "./account.module.css";
import { errorsOf } from "./errors-of.ts";

export function SecondFactor({ inForce, recoveryCodes }: { inForce: boolean; recoveryCodes: number }) {
  const { t } = useTranslation();
  const [offer, setOffer] = useState<Offer | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const toldErrors = useToldErrors();
  const begin = useMutation({ mutationFn: offerSecondFactor, onSuccess: setOffer, onError: toldErrors });
  if (codes !== null) return <RecoveryCodes codes={codes} onSeen={() => setCodes(null)} />;
  if (inForce) return <Remove recoveryCodes={recoveryCodes} onRemoved={() => setOffer(null)} />;
  if (offer !== null) return <Confirm offer={offer} onConfirmed={setCodes} />;
  return (
    <div className={css["form"]}>
      <p>{t("account.noSecondFactor")}</p>
      <Button variant="default" loading={begin.isPending} onClick={() => begin.mutate()}>
        {t("account.setUp")}
      </Button>
    </div>
  );
}

function Confirm({ offer, onConfirmed }: { offer: Offer; onConfirmed: (codes: readonly string[]) => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [code, setCode] = useState("");
  const confirm = useMutation({
    mutationFn: () => confirmSecondFactor(code),
    onSuccess: ({ recoveryCodes }) => {
      onConfirmed(recoveryCodes);
      return client.invalidateQueries({ queryKey: sessionQuery.queryKey });
    },
  });
  const errors = errorsOf(confirm.error);
  return (
    <form
      className={css["form"]}
      onSubmit={(event) => {
        event.preventDefault();
        confirm.mutate();
      }}
    >
      <p>{t("account.addSecret")}</p>
      <Copy value={offer.secret} label={t("account.secret")} />
      <a className="door" href={offer.uri}>
        {t("account.openApp")}
      </a>
      <TextInput
        label={t("account.firstCode")}
        value={code}
        onChange={(event) => setCode(event.currentTarget.value)}
        error={errors.code !== undefined && t("signIn.wrongCode")}
        autoComplete="one-time-code"
        inputMode="numeric"
        required
        withAsterisk={false}
      />
      {confirm.isError && errors.unplaced && <Failure error={confirm.error} />}
      <Button type="submit" loading={confirm.isPending}>
        {t("account.confirm")}
      </Button>
    </form>
  );
}

function RecoveryCodes({ codes, onSeen }: { codes: readonly string[]; onSeen: () => void }) {
  const { t } = useTranslation();
  return (
    <div className={css["form"]}>
      <p role="status">{t("account.codesHint")}</p>
      <ul className={css["codes"]} aria-label={t("account.codes")}>
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <Button onClick={onSeen}>{t("account.codesKept")}</Button>
    </div>
  );
}

function Remove({ recoveryCodes, onRemoved }: { recoveryCodes: number; onRemoved: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [password, setPassword] = useState("");
  const remove = useMutation({
    mutationFn: () => removeSecondFactor(password),
    onSuccess: () => {
      onRemoved();
      return client.invalidateQueries({ queryKey: sessionQuery.queryKey });
    },
  });
  const errors = errorsOf(remove.error);
  return (
    <form
      className={css["form"]}
      onSubmit={(event) => {
        event.preventDefault();
        remove.mutate();
      }}
    >
      <p>{t("account.inForce", { count: recoveryCodes })}</p>
      <PasswordInput
        label={t("signIn.password")}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        error={errors.password !== undefined && t("account.wrongPassword")}
        autoComplete="current-password"
        required
        withAsterisk={false}
      />
      {remove.isError && errors.unplaced && <Failure error={remove.error} />}
      <Button type="submit" variant="default" loading={remove.isPending}>
        {t("account.removeSecondFactor")}
      </Button>
    </form>
  );
}
