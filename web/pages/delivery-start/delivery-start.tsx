/** What comes before a delivery's first message: proofs, approvals, waves, and when it begins. */
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useLocation } from "@tanstack/react-router";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";

import type { Delivery } from "../../../src/contract/index.ts";
import { May } from "../../parts/may.tsx";
import { Section } from "../../parts/page.tsx";
import { checklistQuery, deliveryQuery } from "../../queries.ts";
import { InActionSlot } from "../delivery/action-slot.tsx";
import { ApprovalDialog } from "./approval-dialog.tsx";
import { Approvals } from "./approvals.tsx";
import { ChangeButton } from "./change-button.tsx";
import { Proofs } from "./proofs.tsx";
import { SendButton } from "./send-button.tsx";
import { StartNotice } from "./start-notice.tsx";
import { openApprovals } from "./view-model.ts";
import { WavesDialog } from "./waves-dialog.tsx";
import { Waves } from "./waves.tsx";

const route = getRouteApi("/deliveries/$id");
/** Whoever is asked comes from their list to `#approvals`. */
const APPROVALS = "approvals";

/** The act that all of this is about, where it is on the other page, too. */
function SendSlot({ delivery }: { delivery: Delivery }) {
  const { data: checklist } = useQuery(checklistQuery(delivery.id));
  if (checklist === undefined || openApprovals(delivery).length > 0) return null;
  return (
    <InActionSlot>
      <May right="deliveries.start">
        <SendButton people={checklist.toDeliver} delivery={delivery} />
      </May>
    </InActionSlot>
  );
}

export function DeliveryStart() {
  const { t } = useTranslation();
  const { id } = route.useParams();
  const { data: delivery } = useQuery({
    ...deliveryQuery(id),
    // The figures of waves are in no stream.
    refetchInterval: ({ state: { data } }) =>
      data?.state === "in-progress" && data.waves !== undefined ? 5000 : false,
  });
  const isShown = delivery !== undefined;
  const { hash } = useLocation();
  useEffect(() => {
    if (isShown && hash === APPROVALS) document.getElementById(APPROVALS)?.scrollIntoView();
  }, [isShown, hash]);
  if (delivery === undefined) return null;
  return (
    <>
      {delivery.state === "ready" && delivery.analysed && <SendSlot delivery={delivery} />}
      {delivery.schedule !== undefined && <StartNotice delivery={delivery} />}
      <Section
        id={APPROVALS}
        title={t("start.approvals")}
        beside={
          <ChangeButton delivery={delivery} what="approvals">
            {(onClose) => <ApprovalDialog delivery={delivery} onClose={onClose} />}
          </ChangeButton>
        }
      >
        <Approvals delivery={delivery} />
      </Section>
      <Section
        title={t("start.waves")}
        beside={
          <ChangeButton delivery={delivery} what="waves">
            {(onClose) => <WavesDialog delivery={delivery} onClose={onClose} />}
          </ChangeButton>
        }
      >
        <Waves delivery={delivery} />
      </Section>
      <Section title={t("start.proofs")}>
        <Proofs delivery={delivery} />
      </Section>
    </>
  );
}
