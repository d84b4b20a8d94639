/** Speed and priority of a delivery, changed while it runs. */
import { Button, Modal, NativeSelect, NumberInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Delivery, Settings } from "../../../src/contract/index.ts";
import type { PaceInput } from "../../../src/contract/shaping.ts";
import { post } from "../../api.ts";
import type { Count } from "../../parts/form-fields.ts";
import { Failure } from "../../parts/notice.tsx";
import { deliveryPath, deliveryQuery } from "../../queries.ts";
import { deliveryConstraintQuery } from "../../queries-sending.ts";
import { PRIORITIES } from "../delivery/view-model.ts";
import css from "./plan.module.css";

export function ChangePace({ delivery }: { delivery: Delivery }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" className={css["link"]} aria-label={t("pace.change")} onClick={() => setOpen(true)}>
        {t("pace.changeShort")}
      </button>
      {open && <Dialog delivery={delivery} onClose={() => setOpen(false)} />}
    </>
  );
}

/** Drawn only while it is open, so that it starts with what is true then. */
function Dialog({ delivery, onClose }: { delivery: Delivery; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [speed, setSpeed] = useState<Count>(delivery.settings.speed ?? "");
  const [priority, setPriority] = useState(delivery.settings.priority);
  const pace = useMutation({
    mutationFn: (input: PaceInput) => post<Delivery>(`${deliveryPath(delivery.id)}/actions/pace`, input),
    onSuccess: (answer) => {
      client.setQueryData(deliveryQuery(delivery.id).queryKey, (before: Delivery | undefined) =>
        before?.contentProblems === undefined ? answer : { contentProblems: before.contentProblems, ...answer },
      );
      void client.invalidateQueries({ queryKey: deliveryConstraintQuery(delivery.id).queryKey });
      notifications.show({ message: t("pace.saved"), color: "ink" });
      onClose();
    },
  });
  return (
    <Modal opened onClose={onClose} title={t("pace.title")} closeButtonProps={{ "aria-label": t("common.close") }}>
      <form
        className={css["dialog"]}
        onSubmit={(event) => {
          event.preventDefault();
          pace.mutate({ speed: speed === "" ? null : speed, priority });
        }}
      >
        <p className="muted">{t("pace.text")}</p>
        {pace.isError && <Failure error={pace.error} />}
        <NumberInput
          label={t("pace.speedLabel")}
          description={t("pace.speedHint")}
          data-autofocus
          min={1}
          allowDecimal={false}
          allowNegative={false}
          hideControls
          autoComplete="off"
          value={speed}
          onChange={(value) => setSpeed(typeof value === "number" ? value : "")}
        />
        <NativeSelect
          label={t("pace.priority")}
          description={t("pace.priorityHint")}
          value={priority}
          data={PRIORITIES.map((value) => ({ value, label: t(`pace.priorities.${value}`) }))}
          onChange={(event) => setPriority(event.currentTarget.value as Settings["priority"])}
        />
        <div className={css["acts"]}>
          <Button variant="default" onClick={onClose}>
            {t("common.cancel")}
          </Button>
          <Button type="submit" loading={pace.isPending}>
            {t("pace.changeShort")}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
