/** An address is put into quarantine, or on the denylist, by a person. */
import { Button, Modal, NativeSelect, Radio } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import type { QuarantineEntry } from "../../../src/contract/index.ts";
import { post } from "../../api.ts";
import { AddressField } from "../../parts/address-field.tsx";
import { refusalAt } from "../../parts/field-errors.ts";
import { Failure } from "../../parts/notice.tsx";
import { QUARANTINE_KEY } from "../../queries-quarantine.ts";
import { NoteField } from "./note-dialog.tsx";
import css from "./quarantine.module.css";
import { type Reason, REASONS } from "./view-model.ts";

const TARGETS = ["quarantined", "denylisted"] as const;
type Target = (typeof TARGETS)[number];

type Props = {
  /** null: it is to be typed. */
  address: string | null;
  /** In quarantine already: what is left is the denylist. */
  inQuarantine?: boolean;
  onDone: (entry: QuarantineEntry) => void;
  onClose: () => void;
};

export function PutInDialog({ address, inQuarantine = false, onDone, onClose }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [typed, setTyped] = useState(address ?? "");
  const [status, setStatus] = useState<Target>(inQuarantine ? "denylisted" : "quarantined");
  const [reason, setReason] = useState<Reason>("not-defined");
  const [note, setNote] = useState("");
  const save = useMutation({
    mutationFn: () =>
      post<QuarantineEntry>("/quarantine", {
        address: typed.trim(),
        status,
        ...(status === "quarantined" ? { reason } : {}),
        note: note.trim(),
      }),
    onSuccess: async (entry) => {
      notifications.show({ message: t(`quarantine.putIn.done.${status}`, { address: entry.address }), color: "ink" });
      await client.invalidateQueries({ queryKey: QUARANTINE_KEY });
      onDone(entry);
    },
  });
  const refused = refusalAt("address", save.error);
  const send = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={t("quarantine.putIn.title")}
      closeButtonProps={{ "aria-label": t("common.close") }}
      classNames={{ title: css["dialogTitle"] ?? "" }}
    >
      <form onSubmit={send} className={css["dialog"]}>
        <AddressField value={typed} error={refused} readOnly={address !== null} onChange={setTyped} />
        <Targets status={status} onChange={setStatus} inQuarantine={inQuarantine} />
        {status === "quarantined" && (
          <NativeSelect
            label={t("quarantine.col.reason")}
            value={reason}
            data={REASONS.map((value) => ({ value, label: t(`reason.${value}`) }))}
            onChange={(event) => setReason(REASONS.find((each) => each === event.currentTarget.value) ?? "not-defined")}
          />
        )}
        <NoteField value={note} onChange={setNote} autoFocus={address !== null} />
        {save.isError && refused === undefined && <Failure error={save.error} />}
        <div className={css["acts"]}>
          <Button variant="default" onClick={onClose}>
            {t("common.cancel")}
          </Button>
          <Button type="submit" loading={save.isPending}>
            {t(`quarantine.putIn.yes.${status}`)}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

type TargetsProps = { status: Target; onChange: (status: Target) => void; inQuarantine: boolean };

function Targets({ status, onChange, inQuarantine }: TargetsProps) {
  const { t } = useTranslation();
  return (
    <Radio.Group
      label={t("quarantine.putIn.where")}
      value={status}
      onChange={(value) => onChange(TARGETS.find((each) => each === value) ?? "quarantined")}
    >
      <div className={css["choices"]}>
        {TARGETS.map((value) => (
          <Radio
            key={value}
            value={value}
            disabled={inQuarantine && value === "quarantined"}
            label={t(`quarantine.putIn.target.${value}`)}
            description={t(`quarantine.putIn.targetHint.${value}`)}
          />
        ))}
      </div>
    </Radio.Group>
  );
}
