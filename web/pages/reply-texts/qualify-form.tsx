/** What a person makes of a reply text: what it means, whether to look at it, a rule, and past messages judged again. */
import { Button, NativeSelect } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconAlertTriangle, IconArrowBackUp, IconEyeOff, IconListNumbers, IconRefresh } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { QualifyText, ReplyTextAnswer } from "../../../src/contract/reply-texts.ts";
import { patch } from "../../api.ts";
import { Failure, Notice } from "../../parts/notice.tsx";
import { type ReplyTextDetail, textPath, textQuery } from "../../queries-bounces.ts";
import css from "./reply-texts.module.css";
import { RequalifyDialog } from "./requalify-dialog.tsx";
import { isByNobody, SAID_REASONS, SAID_TYPES } from "./view-model.ts";

type Told = "saved" | "kept" | "ignored" | "givenBack";
type Saying = { said: QualifyText; told: Told; makeRule?: boolean };

export function QualifyForm({ text }: { text: ReplyTextDetail }) {
  const { t } = useTranslation();
  const save = useQualifying(text);
  const [type, setType] = useState<(typeof SAID_TYPES)[number] | "">(text.type === "not-defined" ? "" : text.type);
  const [reason, setReason] = useState<(typeof SAID_REASONS)[number] | "">(
    text.reason === "not-defined" ? "" : text.reason,
  );
  const isSame = type === text.type && reason === text.reason && text.qualifiedAt !== null;
  const say = (makeRule: boolean) => {
    if (type !== "" && reason !== "") save.mutate({ said: { type, reason }, told: "saved", makeRule });
  };
  const isOpen = text.type === "not-defined";
  const choose = { value: "", label: t("texts.choose"), disabled: true };
  return (
    <section className={css["form"]} aria-label={t("texts.qualify")}>
      <h3>{t("texts.qualify")}</h3>
      <div className={css["said"]}>
        <NativeSelect
          label={t("bounces.type")}
          value={type}
          data={[choose, ...SAID_TYPES.map((value) => ({ value, label: t(`type.${value}`) }))]}
          onChange={(event) => setType(SAID_TYPES.find((each) => each === event.currentTarget.value) ?? "")}
        />
        <NativeSelect
          label={t("bounces.reason")}
          value={reason}
          data={[choose, ...SAID_REASONS.map((value) => ({ value, label: t(`reason.${value}`) }))]}
          onChange={(event) => setReason(SAID_REASONS.find((each) => each === event.currentTarget.value) ?? "")}
        />
      </div>
      {type !== "" && <p className={css["hint"]}>{t(`bounces.typeMeaning.${type}`)}</p>}
      <div className={css["acts"]}>
        <Button
          size="xs"
          disabled={type === "" || reason === "" || isSame}
          loading={save.isPending}
          onClick={() => say(false)}
        >
          {t("texts.save")}
        </Button>
        {isOpen && (
          <Button
            size="xs"
            variant="default"
            disabled={type === "" || reason === "" || save.isPending}
            onClick={() => say(true)}
          >
            {t("texts.saveAndRule")}
          </Button>
        )}
      </div>
      {save.isError && <Failure error={save.error} />}
      {text.qualifiedAt !== null && isByNobody(text) && !isOpen && (
        <Notice tone="retry" icon={IconAlertTriangle} title={t("texts.laterByRules")} />
      )}
      <OtherActs text={text} busy={save.isPending} act={(saying) => save.mutate(saying)} />
    </section>
  );
}

type ActsProps = { text: ReplyTextDetail; busy: boolean; act: (saying: Saying) => void };

function OtherActs({ text, busy, act }: ActsProps) {
  const { t } = useTranslation();
  const makeRule = useMakeRule(text.id);
  const [again, setAgain] = useState(false);
  const known = text.type !== "not-defined";
  return (
    <div className={css["acts"]}>
      {known && (
        <Button
          size="xs"
          variant="default"
          leftSection={<IconListNumbers size={14} aria-hidden />}
          title={t("texts.makeRuleMeaning")}
          onClick={() => void makeRule()}
        >
          {t("texts.makeRule")}
        </Button>
      )}
      {known && (
        <Button
          size="xs"
          variant="default"
          leftSection={<IconRefresh size={14} aria-hidden />}
          onClick={() => setAgain(true)}
        >
          {t("texts.again")}
        </Button>
      )}
      {text.state !== "keep" && (
        <Button
          size="xs"
          variant="default"
          disabled={busy}
          title={t("texts.keepMeaning")}
          onClick={() => act({ said: { state: "keep" }, told: "kept" })}
        >
          {t("texts.keep")}
        </Button>
      )}
      {text.state !== "ignore" && (
        <Button
          size="xs"
          variant="default"
          disabled={busy}
          leftSection={<IconEyeOff size={14} aria-hidden />}
          title={t("texts.ignoreMeaning")}
          onClick={() => act({ said: { state: "ignore" }, told: "ignored" })}
        >
          {t("texts.ignore")}
        </Button>
      )}
      {text.qualifiedAt !== null && (
        <Button
          size="xs"
          variant="default"
          disabled={busy}
          leftSection={<IconArrowBackUp size={14} aria-hidden />}
          title={t("texts.giveBackMeaning")}
          onClick={() => act({ said: { state: "to-qualify" }, told: "givenBack" })}
        >
          {t("texts.giveBack")}
        </Button>
      )}
      {again && <RequalifyDialog of={{ kind: "text", id: text.id, text: text.text }} onClose={() => setAgain(false)} />}
    </div>
  );
}

function useMakeRule(text: string): () => Promise<void> {
  const navigate = useNavigate();
  return () => navigate({ to: "/bounce-rules/$id", params: { id: "new" }, search: { text } });
}

/** Over the version that is on the screen: another's word in between is not lost. */
function useQualifying(text: ReplyTextDetail) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const goToRule = useMakeRule(text.id);
  return useMutation({
    mutationFn: ({ said }: Saying) => patch<ReplyTextAnswer>(textPath(text.id), text.version, said),
    onSuccess: async (saved, { told, makeRule = false }) => {
      client.setQueryData(textQuery(text.id).queryKey, { ...text, ...saved });
      notifications.show({ message: t(`texts.${told}`), color: "ink" });
      void client.invalidateQueries({ queryKey: ["reply-texts"] });
      if (makeRule) await goToRule();
    },
    // Somebody else was quicker: what they said is shown below the refusal.
    onError: () => client.invalidateQueries({ queryKey: textQuery(text.id).queryKey }),
  });
}
