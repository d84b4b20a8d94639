/** How one operator gets in: state, second factor, last sign-in, browsers; invite anew, reset, unlock, deactivate. */
import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconKeyOff, IconLockOpen, IconMail, IconUnlink, IconUserCheck, IconUserOff } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Invitation, Operator } from "../../../src/contract/operators.ts";
import { act, post, put } from "../../api.ts";
import { Confirm } from "../../parts/confirm.tsx";
import { FormGroup } from "../../parts/editor-page.tsx";
import { Facts } from "../../parts/facts.tsx";
import { useToldErrors } from "../../parts/told-errors.ts";
import { useFormats, useNow } from "../../parts/use-now.ts";
import { When } from "../../parts/when.tsx";
import { operatorPath, OPERATORS_KEY, SESSIONS_KEY } from "../../queries-operators.ts";
import css from "./operators.module.css";
import { OperatorBadge } from "./operators.tsx";
import { ShownOnce } from "./shown-once.tsx";
import { draftOf, requestOf, stateOf } from "./view-model.ts";

export function InvitationDialog({ invitation, onSeen }: { invitation: Invitation; onSeen: () => void }) {
  const { t } = useTranslation();
  const formats = useFormats();
  return (
    <ShownOnce
      title={t("access.invitation")}
      text={t("access.invitationText", { until: formats.moment(invitation.expiresAt) })}
      label={t("access.invitation")}
      value={invitation.url}
      onSeen={onSeen}
    />
  );
}

type Props = {
  operator: Operator;
  /** What is typed would be lost by an act that writes the operator. */
  unsaved: boolean;
  isOwn: boolean;
  onInvited: (invitation: Invitation) => void;
};
const ACTS = ["invite", "reset-second-factor", "unlink-provider", "unlock", "disable", "enable"] as const;
type Act = (typeof ACTS)[number];

/** Acts that are asked about, and where their words are. */
const QUESTIONS = { "reset-second-factor": "reset", "unlink-provider": "unlink", disable: "disable" } as const;

const ICON: Record<Act, ReactNode> = {
  invite: <IconMail size={16} aria-hidden />,
  "reset-second-factor": <IconKeyOff size={16} aria-hidden />,
  "unlink-provider": <IconUnlink size={16} aria-hidden />,
  unlock: <IconLockOpen size={16} aria-hidden />,
  disable: <IconUserOff size={16} aria-hidden />,
  enable: <IconUserCheck size={16} aria-hidden />,
};

export function OperatorAccess({ operator, unsaved, isOwn, onInvited }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const tellError = useToldErrors();
  const now = useNow(10);
  const [asking, setAsking] = useState<Act | null>(null);
  const path = operatorPath(operator.id);
  const work = useMutation({
    mutationFn: async (verb: Act) => {
      if (verb === "invite") return onInvited(await post<Invitation>(`${path}/actions/invite`));
      if (verb !== "disable" && verb !== "enable") return act(`${path}/actions/${verb}`);
      await put(path, operator.version, { ...requestOf(draftOf(operator)), disabled: verb === "disable" });
    },
    onSuccess: async (_, verb) => {
      if (verb !== "invite") notifications.show({ message: t(`access.done.${verb}`), color: "ink" });
      await client.invalidateQueries({ queryKey: OPERATORS_KEY });
      await client.invalidateQueries({ queryKey: SESSIONS_KEY });
    },
    onError: tellError,
    onSettled: () => setAsking(null),
  });
  const offered: Record<Act, boolean> = {
    invite: !operator.disabled,
    "reset-second-factor": operator.secondFactor,
    "unlink-provider": operator.provider !== null,
    unlock: stateOf(operator, now) === "locked",
    disable: !operator.disabled && !isOwn,
    enable: operator.disabled,
  };
  const asks = (verb: Act): verb is keyof typeof QUESTIONS => Object.hasOwn(QUESTIONS, verb);
  return (
    <FormGroup title={t("access.access")}>
      <AccessFacts operator={operator} />
      <div className={css["acts"]} style={{ justifyContent: "flex-start" }}>
        {ACTS.filter((verb) => offered[verb]).map((verb) => (
          <Button
            key={verb}
            variant="default"
            leftSection={ICON[verb]}
            disabled={unsaved && (verb === "disable" || verb === "enable")}
            loading={work.isPending && work.variables === verb}
            onClick={() => (asks(verb) ? setAsking(verb) : work.mutate(verb))}
          >
            {t(`access.act.${verb}`)}
          </Button>
        ))}
      </div>
      <Confirm
        question={
          asking === null || !asks(asking)
            ? null
            : {
                title: t(`access.${QUESTIONS[asking]}Title`, { login: operator.login }),
                text: t(`access.${QUESTIONS[asking]}Text`),
                yes: t(`access.act.${asking}`),
              }
        }
        busy={work.isPending}
        onYes={() => asking !== null && work.mutate(asking)}
        onNo={() => setAsking(null)}
      />
    </FormGroup>
  );
}

function AccessFacts({ operator }: { operator: Operator }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const now = useNow(10);
  const state = stateOf(operator, now);
  const { secondFactor, recoveryCodes, provider, signedInAt, invitedUntil, lockedUntil } = operator;
  return (
    <Facts
      facts={[
        [t("access.col.state"), <OperatorBadge key="state" operator={operator} />],
        ...(state === "invited" && invitedUntil !== null
          ? [[t("access.invitedUntil"), formats.moment(invitedUntil)] as const]
          : []),
        ...(state === "locked" && lockedUntil !== null
          ? [[t("access.lockedUntil"), formats.clock(lockedUntil)] as const]
          : []),
        [t("access.secondFactor"), secondFactor ? t("access.onWithCodes", { count: recoveryCodes }) : t("access.off")],
        ...(provider === null ? [] : [[t("access.provider"), provider] as const]),
        [t("access.signedIn"), signedInAt === null ? t("access.never") : <When key="in" iso={signedInAt} />],
        [
          t("access.tab.sessions"),
          <Link key="sessions" to="/operators/sessions" search={{ operator: operator.id }}>
            {t("access.showSessions")}
          </Link>,
        ],
        [
          t("access.tab.audit"),
          <Link key="audit" to="/audit" search={{ actor: operator.login }}>
            {t("access.showAudit")}
          </Link>,
        ],
      ]}
    />
  );
}
