/** What a person may do with one address; each act is written into its history with a note. */
import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconShieldCheck, IconShieldHeart, IconShieldX, type Icon } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { QuarantineEntry } from "../../../src/contract/index.ts";
import { post } from "../../api.ts";
import { ALLOWLIST_KEY, QUARANTINE_KEY, quarantinePath } from "../../queries-quarantine.ts";
import { NoteDialog } from "./note-dialog.tsx";
import { PutInDialog } from "./put-in-dialog.tsx";
import css from "./quarantine.module.css";
import { actsOf, type AddressAct } from "./view-model.ts";

const ICON: Record<AddressAct, Icon> = {
  release: IconShieldCheck,
  undeny: IconShieldCheck,
  "put-in": IconShieldX,
  allow: IconShieldHeart,
};

export function AddressActs({ entry }: { entry: QuarantineEntry }) {
  const { t } = useTranslation();
  const [doing, setDoing] = useState<AddressAct | null>(null);
  const stop = () => setDoing(null);
  return (
    <>
      <div className={css["addressActs"]}>
        {actsOf(entry.status).map((act) => {
          const Glyph = ICON[act];
          return (
            <Button
              key={act}
              size="xs"
              variant="default"
              leftSection={<Glyph size={15} aria-hidden />}
              onClick={() => setDoing(act)}
            >
              {t(`quarantine.act.${act}`)}
            </Button>
          );
        })}
      </div>
      {doing === "put-in" && (
        <PutInDialog
          address={entry.address}
          inQuarantine={entry.status === "quarantined"}
          onDone={stop}
          onClose={stop}
        />
      )}
      {doing !== null && doing !== "put-in" && <ActDialog entry={entry} act={doing} onClose={stop} />}
    </>
  );
}

type DialogProps = { entry: QuarantineEntry; act: Exclude<AddressAct, "put-in">; onClose: () => void };

function ActDialog({ entry: { address }, act, onClose }: DialogProps) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const doIt = useMutation({
    mutationFn: (note: string) =>
      act === "allow"
        ? post("/allowlist", { address, note })
        : post(`${quarantinePath(address)}/actions/release`, { note, denylisted: act === "undeny" }),
    onSuccess: async () => {
      notifications.show({ message: t(`quarantine.actDone.${act}`, { address }), color: "ink" });
      void client.invalidateQueries({ queryKey: ALLOWLIST_KEY });
      await client.invalidateQueries({ queryKey: QUARANTINE_KEY });
      onClose();
    },
  });
  return (
    <NoteDialog
      title={t(`quarantine.actTitle.${act}`, { address })}
      text={t(`quarantine.actText.${act}`)}
      yes={t(`quarantine.actYes.${act}`)}
      optional={act === "allow"}
      busy={doIt.isPending}
      error={doIt.error}
      onYes={(note) => doIt.mutate(note)}
      onNo={onClose}
    />
  );
}
