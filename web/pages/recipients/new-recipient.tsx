/** One person added by hand; what is known of them is filled in on their page. */
import { Button, Modal } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Recipient } from "../../../src/contract/index.ts";
import { post } from "../../api.ts";
import { AddressField } from "../../parts/address-field.tsx";
import { refusalAt } from "../../parts/field-errors.ts";
import { Failure } from "../../parts/notice.tsx";
import { RECIPIENTS_KEY } from "../../queries-audience.ts";
import confirm from "../../parts/confirm.module.css";

export function NewRecipient({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [address, setAddress] = useState("");
  const add = useMutation({
    mutationFn: () => post<Recipient>("/recipients", { address: address.trim(), attributes: {} }),
    onSuccess: async ({ id }) => {
      await client.invalidateQueries({ queryKey: RECIPIENTS_KEY });
      await navigate({ to: "/recipients/$id", params: { id } });
    },
  });
  const refused = refusalAt("address", add.error);
  const send = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <Modal opened onClose={onClose} title={t("recipients.new")} closeButtonProps={{ "aria-label": t("common.close") }}>
      <form onSubmit={send}>
        <AddressField value={address} error={refused} onChange={setAddress} />
        {add.isError && refused === undefined && <Failure error={add.error} />}
        <div className={confirm["acts"]}>
          <Button variant="default" onClick={onClose}>
            {t("common.cancel")}
          </Button>
          <Button type="submit" loading={add.isPending}>
            {t("recipients.add")}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
