/** Back from the identity provider, which asked for no second factor: the code of the authenticator app. */
import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { sendProviderCode } from "../../api.ts";
import { Failure } from "../../parts/notice.tsx";
import { CodeField } from "./code-field.tsx";
import { Frame } from "./frame.tsx";
import { refusalOf } from "./refusal.ts";

export function ProviderCode({ onBack }: { onBack: () => void }) {
  const { t } = useTranslation();
  const [code, setCode] = useState("");
  const attempt = useMutation({
    mutationFn: () => sendProviderCode(code),
    onSuccess: (to) => location.replace(to),
    onError: () => setCode(""),
  });
  const refusal = attempt.isError ? refusalOf(attempt.error) : null;
  return (
    <Frame title={t("signIn.title")} onSubmit={() => attempt.mutate()}>
      <CodeField value={code} isWrong={refusal === "code-wrong"} onChange={setCode} />
      {attempt.isError && refusal !== "code-wrong" && <Failure error={attempt.error} />}
      <Button type="submit" loading={attempt.isPending} fullWidth>
        {t("signIn.submit")}
      </Button>
      <Button variant="subtle" size="xs" onClick={onBack}>
        {t("signIn.toSignIn")}
      </Button>
    </Frame>
  );
}
