/** What a single message was accepted as, and how it is taken back. */
import { Button } from "@mantine/core";
import { IconBan } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import type { SingleMessage } from "../../../src/contract/index.ts";
import { post } from "../../api.ts";
import { May } from "../../parts/may.tsx";
import { Failure } from "../../parts/notice.tsx";
import { When } from "../../parts/when.tsx";
import css from "./single-messages.module.css";
import { mayCancel } from "./view-model.ts";

export function SingleFacts({ single }: { single: SingleMessage }) {
  const { t } = useTranslation();
  const metadata = Object.entries(single.metadata);
  const facts: [string, ReactNode][] = [
    [t("single.subject"), single.subject],
    [t("single.externalId"), single.externalId],
    [
      t("single.template"),
      single.template && (
        <Link className="door" to="/templates/$id" params={{ id: single.template }}>
          {single.template}
        </Link>
      ),
    ],
    [t("single.accepted"), <When key="at" iso={single.acceptedAt} />],
    [t("single.sendAt"), single.sendAt && <When key="send" iso={single.sendAt} />],
    [t("single.expires"), <When key="until" iso={single.expiresAt} />],
    [t("single.ignored"), single.ignored && t(`single.why.${single.ignored}`)],
    [t("single.tags"), single.tags.join(", ")],
    [t("single.metadata"), metadata.map(([name, value]) => `${name}: ${value}`).join(", ")],
  ];
  return (
    <>
      <dl className={css["facts"]}>
        {facts.map(([word, value]) =>
          value === null || value === "" ? null : (
            <div key={word}>
              <dt>{word}</dt>
              <dd>{value}</dd>
            </div>
          ),
        )}
      </dl>
      {mayCancel(single.status) && (
        <May right="messages.send">
          <Cancel id={single.id} />
        </May>
      )}
    </>
  );
}

function Cancel({ id }: { id: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => post(`/messages/${id}/actions/cancel`),
    onSettled: () => client.invalidateQueries(),
  });
  return (
    <div className={css["cancel"]}>
      <Button
        variant="default"
        size="xs"
        leftSection={<IconBan size={15} aria-hidden />}
        loading={cancel.isPending}
        onClick={() => cancel.mutate()}
      >
        {t("single.cancel")}
      </Button>
      {cancel.isError && <Failure error={cancel.error} />}
    </div>
  );
}
