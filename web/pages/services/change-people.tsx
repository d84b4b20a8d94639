/** Subscribes people to a service and takes them off it, by address; says what became of each kind, and who failed. */
import { Button, Checkbox, Textarea, TextInput } from "@mantine/core";
import { IconUserMinus, IconUserPlus } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Service, SubscribeResult, UnsubscribeResult } from "../../../src/contract/services.ts";
import { post } from "../../api.ts";
import { FormGroup } from "../../parts/editor-page.tsx";
import { Failure } from "../../parts/notice.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { servicePath, SERVICES_KEY } from "../../queries-services.ts";
import { linesOf } from "../recipients/view-model.ts";
import css from "./services.module.css";
import { tally } from "./view-model.ts";

type Results = { results: (SubscribeResult | UnsubscribeResult)[] };

export function ChangePeople({ service: { id, doubleOptIn } }: { service: Service }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [typed, setTyped] = useState("");
  const [confirmed, setConfirmed] = useState(false);
  const [note, setNote] = useState("");
  const addresses = linesOf(typed);
  const change = useMutation({
    mutationFn: async (verb: "subscribe" | "unsubscribe") => {
      const body =
        verb === "subscribe"
          ? { people: addresses.map((address) => ({ address })), confirmed: confirmed || !doubleOptIn, note }
          : { addresses, note };
      const { results } = await post<Results>(`${servicePath(id)}/actions/${verb}`, body);
      return tally(results, addresses);
    },
    onSuccess: async ({ failed }) => {
      // What is no address stays, to be corrected.
      setTyped(failed.map(({ address }) => address).join("\n"));
      await client.invalidateQueries({ queryKey: SERVICES_KEY });
    },
  });
  return (
    <FormGroup title={t("services.change")}>
      <Textarea
        label={t("lists.addresses")}
        description={t("services.addressesHint")}
        autosize
        minRows={3}
        maxRows={12}
        spellCheck={false}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      {doubleOptIn && (
        <Checkbox
          label={t("services.agreed")}
          description={t("services.agreedHint")}
          checked={confirmed}
          onChange={(event) => setConfirmed(event.currentTarget.checked)}
        />
      )}
      <TextInput
        label={t("services.note")}
        description={t("services.noteHint")}
        maxLength={500}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      <div className={css["acts"]}>
        {(["subscribe", "unsubscribe"] as const).map((verb) => (
          <Button
            key={verb}
            variant="default"
            leftSection={
              verb === "subscribe" ? <IconUserPlus size={16} aria-hidden /> : <IconUserMinus size={16} aria-hidden />
            }
            disabled={addresses.length === 0}
            loading={change.isPending && change.variables === verb}
            onClick={() => change.mutate(verb)}
          >
            {t(`services.${verb}`)}
          </Button>
        ))}
      </div>
      {change.isError && <Failure error={change.error} />}
      {change.data !== undefined && <Outcome result={change.data} />}
    </FormGroup>
  );
}

function Outcome({
  result: { counts, failed },
}: {
  result: ReturnType<typeof tally<Results["results"][number]["status"]>>;
}) {
  const { t } = useTranslation();
  const formats = useFormats();
  return (
    <div role="status">
      <ul className={css["outcome"]}>
        {counts.map(([status, count]) => (
          <li key={status}>
            <b>{formats.int(count)}</b> {t(`services.result.${status}`)}
          </li>
        ))}
        {failed.slice(0, 10).map(({ address, error }) => (
          <li key={address}>
            <bdi>{address}</bdi>: {error}
          </li>
        ))}
      </ul>
    </div>
  );
}
