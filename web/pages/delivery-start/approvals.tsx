/** What is asked of people before the delivery starts: who may decide, who did, and how. */
import { Button, Textarea } from "@mantine/core";
import { IconCircleCheck, IconCircleX, IconClock, type Icon } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Approval, Delivery } from "../../../src/contract/index.ts";
import { post } from "../../api.ts";
import { Badge } from "../../parts/badge.tsx";
import confirm from "../../parts/confirm.module.css";
import { useMay } from "../../parts/may.tsx";
import { When } from "../../parts/when.tsx";
import { deliveryPath, waitingQuery } from "../../queries.ts";
import { FormDialog } from "../../parts/form-dialog.tsx";
import { namesQuery, takeAnswer } from "./queries.ts";
import css from "./start.module.css";
import { APPROVAL_TONE, reviewerNames } from "./view-model.ts";

type Verb = "approve" | "reject";
type Asked = { verb: Verb; kind: Approval["kind"] };

const ICON: Record<Approval["state"], Icon> = { pending: IconClock, approved: IconCircleCheck, rejected: IconCircleX };

export function Approvals({ delivery }: { delivery: Delivery }) {
  const { t } = useTranslation();
  const [asked, setAsked] = useState<Asked | null>(null);
  const { approvals = [] } = delivery;
  if (approvals.length === 0) {
    return <p className="muted">{t(isAnybodyAsked(delivery) ? "start.approvalsLater" : "start.noApprovals")}</p>;
  }
  return (
    <div className={css["approvals"]}>
      {approvals.map((approval) => (
        <Card
          key={approval.kind}
          approval={approval}
          canDecide={delivery.state === "ready"}
          onDecide={(verb) => setAsked({ verb, kind: approval.kind })}
        />
      ))}
      {asked !== null && <DecisionDialog delivery={delivery} asked={asked} onClose={() => setAsked(null)} />}
    </div>
  );
}

/** Deliveries that were saved before there were approvals have none. */
function isAnybodyAsked({ settings }: Delivery): boolean {
  const { target, content, start } = (settings.approval as Delivery["settings"]["approval"] | undefined) ?? {};
  return [target, content, start].some((named) => named !== undefined);
}

type CardProps = { approval: Approval; canDecide: boolean; onDecide: (verb: Verb) => void };

function Card({ approval, canDecide, onDecide }: CardProps) {
  const { t } = useTranslation();
  const may = useMay();
  const { data: known } = useQuery({ ...namesQuery, enabled: may("deliveries.write") });
  const names = reviewerNames(approval, known);
  const { kind, state, deadline, decidedAt, decidedBy, comment } = approval;
  return (
    <section className={css["card"]} aria-label={t(`start.kind.${kind}`)}>
      <div className={css["cardHead"]}>
        <h3>{t(`start.kind.${kind}`)}</h3>
        <Badge tone={APPROVAL_TONE[state]} icon={ICON[state]} word={t(`start.approval.${state}`)} />
      </div>
      {names.length > 0 && <p className="muted">{t("start.asked", { names: names.join(", ") })}</p>}
      {decidedAt === null ? (
        <p>
          {t("start.deadline")} <When iso={deadline} />
        </p>
      ) : (
        <p>
          {decidedBy}, <When iso={decidedAt} />
        </p>
      )}
      {comment !== "" && <p className={css["comment"]}>{comment}</p>}
      {state === "pending" && canDecide && may("deliveries.approve") && (
        <div className={css["cardActs"]}>
          <Button size="xs" onClick={() => onDecide("approve")}>
            {t("start.approve")}
          </Button>
          <Button size="xs" variant="default" onClick={() => onDecide("reject")}>
            {t("start.reject")}
          </Button>
        </div>
      )}
    </section>
  );
}

function DecisionDialog({ delivery, asked, onClose }: { delivery: Delivery; asked: Asked; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [comment, setComment] = useState("");
  const { verb, kind } = asked;
  const decide = useMutation({
    mutationFn: () => post<Delivery>(`${deliveryPath(delivery.id)}/actions/${verb}`, { kind, comment: comment.trim() }),
    onSuccess: (answer) => {
      takeAnswer(client, answer);
      void client.invalidateQueries({ queryKey: waitingQuery.queryKey });
      onClose();
    },
  });
  return (
    <FormDialog
      title={t(`start.${verb}Title`, { kind: t(`start.kind.${kind}`) })}
      yes={t(`start.${verb}`)}
      error={decide.error}
      busy={decide.isPending}
      onYes={() => decide.mutate()}
      onClose={onClose}
    >
      <p className={confirm["text"]}>{t("start.firstCounts")}</p>
      <Textarea
        label={t("start.comment")}
        autosize
        minRows={2}
        maxRows={8}
        maxLength={5000}
        required={verb === "reject"}
        data-autofocus
        value={comment}
        onChange={(event) => setComment(event.currentTarget.value)}
      />
    </FormDialog>
  );
}
