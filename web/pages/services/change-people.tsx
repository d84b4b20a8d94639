/** Subscribes people to a service and takes them off it, by address; says what became of each kind, and who failed. */
import { Checkbox, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Service, SubscribeResult, UnsubscribeResult } from "../../../src/contract/services.ts";
import { post } from "../../api.ts";
import { useFormats } from "../../parts/use-now.ts";
import { servicePath, SERVICES_KEY } from "../../queries-services.ts";
import { PeopleByAddress } from "../recipients/people-by-address.tsx";
import { linesOf } from "../recipients/view-model.ts";
import css from "./services.module.css";
import { tally } from "./view-model.ts";

const VERBS = ["subscribe", "unsubscribe"] as const;
type Results = { results: (SubscribeResult | UnsubscribeResult)[] };

export function ChangePeople({ service: { id, doubleOptIn } }: { service: Service }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [typed, setTyped] = useState("");
  const [confirmed, setConfirmed] = useState(false);
  const [note, setNote] = useState("");
  const addresses = linesOf(typed);
  const change = useMutation({
    mutationFn: async (verb: (typeof VERBS)[number]) => {
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
    <PeopleByAddress
      title={t("services.change")}
      hint={t("services.addressesHint")}
      typed={typed}
      onType={setTyped}
      verbs={VERBS}
      word={(verb) => t(`services.${verb}`)}
      change={change}
      outcome={change.data !== undefined && <Outcome result={change.data} />}
    >
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
    </PeopleByAddress>
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
