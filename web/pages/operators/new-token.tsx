/** A new API token: what it is for, what it may do, until when. */
import { Button, Checkbox, Modal, NativeSelect, Radio, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import type { ApiToken } from "../../../src/contract/operators.ts";
import { ApiProblem, post } from "../../api.ts";
import { useMay } from "../../parts/may.tsx";
import { Failure } from "../../parts/notice.tsx";
import { tokensQuery } from "../../queries-operators.ts";
import css from "./operators.module.css";
import { emptyToken, errorsIn, EXPIRIES, RIGHTS, type TokenDraft, tokenRequestOf } from "./view-model.ts";

type Props = { onMade: (token: string) => void; onClose: () => void };

export function NewToken({ onMade, onClose }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [draft, setDraft] = useState<TokenDraft>(emptyToken);
  const set = (part: Partial<TokenDraft>) => setDraft((before) => ({ ...before, ...part }));
  const make = useMutation({
    mutationFn: () => post<ApiToken & { token: string }>("/tokens", tokenRequestOf(draft, Date.now())),
    onSuccess: async ({ token }) => {
      onMade(token);
      await client.invalidateQueries({ queryKey: tokensQuery.queryKey.slice(0, 1) });
    },
  });
  const problem = make.error instanceof ApiProblem ? make.error.problem : null;
  const { fields } = errorsIn(problem, { label: "", expiresAt: "" });
  const send = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={t("access.newToken")}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      <form onSubmit={send} className={css["once"]}>
        <TextInput
          label={t("access.label")}
          description={t("access.labelHint")}
          required
          maxLength={200}
          data-autofocus
          value={draft.label}
          error={fields.label}
          onChange={(event) => set({ label: event.currentTarget.value })}
        />
        <Grant draft={draft} set={set} />
        <NativeSelect
          label={t("access.expires")}
          value={draft.expires}
          error={draft.expires === "date" ? undefined : fields.expiresAt}
          data={EXPIRIES.map((value) => ({ value, label: t(`access.expiry.${value}`) }))}
          onChange={(event) =>
            set({ expires: EXPIRIES.find((each) => each === event.currentTarget.value) ?? emptyToken.expires })
          }
        />
        {draft.expires === "date" && (
          <TextInput
            type="date"
            label={t("access.lastDay")}
            required
            value={draft.on}
            error={fields.expiresAt}
            onChange={(event) => set({ on: event.currentTarget.value })}
          />
        )}
        {make.isError && Object.keys(fields).length === 0 && <Failure error={make.error} />}
        <div className={css["acts"]}>
          <Button variant="default" onClick={onClose}>
            {t("common.cancel")}
          </Button>
          <Button type="submit" loading={make.isPending} disabled={draft.narrowed && draft.scopes.length === 0}>
            {t("access.createToken")}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

function Grant({ draft, set }: { draft: TokenDraft; set: (part: Partial<TokenDraft>) => void }) {
  const { t } = useTranslation();
  const may = useMay();
  return (
    <>
      <Radio.Group
        label={t("access.may")}
        value={draft.narrowed ? "some" : "all"}
        onChange={(value) => set({ narrowed: value === "some" })}
      >
        <div className={css["choices"]}>
          <Radio value="all" label={t("access.asMuchAsI")} description={t("access.asMuchAsIHint")} />
          <Radio value="some" label={t("access.onlyThese")} />
        </div>
      </Radio.Group>
      {draft.narrowed && (
        <Checkbox.Group
          aria-label={t("access.onlyThese")}
          value={[...draft.scopes]}
          onChange={(value) => set({ scopes: RIGHTS.filter((right) => value.includes(right)) })}
        >
          <div className={css["rights"]}>
            {RIGHTS.filter(may).map((right) => (
              <Checkbox key={right} value={right} label={t(`right.${right}`)} title={right} />
            ))}
          </div>
        </Checkbox.Group>
      )}
    </>
  );
}
