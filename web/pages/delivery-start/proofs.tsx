/** Proofs of a delivery, newest first, and the form that sends one. */
import { Button, NumberInput, Radio, Stack, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { type FormEvent, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Delivery, NewProof, Proof } from "../../../src/contract/index.ts";
import { post } from "../../api.ts";
import type { Formats } from "../../format.ts";
import { type Columns, columnsOf, DataTable } from "../../parts/data-table.tsx";
import { May } from "../../parts/may.tsx";
import { Failure } from "../../parts/notice.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { When } from "../../parts/when.tsx";
import { deliveryPath } from "../../queries.ts";
import { proofsQuery } from "./queries.ts";
import css from "./start.module.css";
import { addressesIn } from "./view-model.ts";

export function Proofs({ delivery }: { delivery: Delivery }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const columns = useMemo(() => columnsFor(t, formats), [t, formats]);
  const query = useQuery({
    ...proofsQuery(delivery.id),
    // A proof is on its way for seconds.
    refetchInterval: ({ state }) => (state.data?.data.some(({ pending }) => pending > 0) === true ? 2000 : false),
  });
  return (
    <>
      {query.isError && query.data === undefined ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <DataTable
          label={t("start.proofs")}
          columns={columns}
          rows={query.data?.data}
          rowId={({ id }) => id}
          empty={<p className="muted">{t("start.noProofs")}</p>}
          skeletons={2}
        />
      )}
      <May right="deliveries.write">
        <ProofForm key={delivery.id} delivery={delivery} />
      </May>
    </>
  );
}

function columnsFor(t: TFunction, formats: Formats): Columns<Proof> {
  const column = columnsOf<Proof>();
  const count = (name: "toDeliver" | "sent" | "failed", hide?: "narrow") =>
    column.accessor(name, {
      header: t(`start.col.${name}`),
      cell: ({ getValue }) => formats.int(getValue()),
      meta: { num: true, width: "84px", ...(hide === undefined ? {} : { hide }) },
    });
  return [
    column.accessor("number", { header: t("start.col.proof"), meta: { num: true, width: "56px" } }),
    column.accessor("subject", {
      header: t("start.col.subject"),
      cell: ({ row: { original }, getValue }) => (
        <Link to="/deliveries/$id/messages" params={{ id: original.id }} data-row-link>
          {getValue()}
        </Link>
      ),
    }),
    column.accessor("sentAt", {
      header: t("start.col.sentAt"),
      cell: ({ getValue }) => <When iso={getValue()} />,
      meta: { width: "130px", hide: "narrow" },
    }),
    column.accessor("by", { header: t("start.col.by"), meta: { width: "150px", hide: "medium" } }),
    count("toDeliver", "narrow"),
    count("sent"),
    count("failed", "narrow"),
  ];
}

type Shown = "own" | "random" | "recipients";

function ProofForm({ delivery }: { delivery: Delivery }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [addresses, setAddresses] = useState("");
  const [shown, setShown] = useState<Shown>("own");
  const [random, setRandom] = useState<number | "">(3);
  const [people, setPeople] = useState("");
  const wish = (): NewProof => ({
    addresses: addressesIn(addresses),
    ...(shown === "random" ? { as: { random: random === "" ? 1 : random } } : {}),
    ...(shown === "recipients" ? { as: { recipients: addressesIn(people) } } : {}),
  });
  const send = useMutation({
    mutationFn: () => post<Delivery>(`${deliveryPath(delivery.id)}/actions/proof`, wish()),
    onSuccess: async () => {
      notifications.show({ message: t("start.proofSent"), color: "ink" });
      await client.invalidateQueries({ queryKey: proofsQuery(delivery.id).queryKey });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send.mutate();
  };
  const ready = addressesIn(addresses).length > 0 && (shown !== "recipients" || addressesIn(people).length > 0);
  return (
    <form onSubmit={submit} className={css["form"]}>
      <Textarea
        label={t("start.readers")}
        description={t("start.readersHint")}
        autosize
        minRows={2}
        maxRows={8}
        value={addresses}
        onChange={(event) => setAddresses(event.currentTarget.value)}
      />
      <Radio.Group label={t("start.shown")} value={shown} onChange={(value) => setShown(value as Shown)}>
        <Stack gap={6} mt={6}>
          <Radio value="own" label={t("start.shownOwn")} />
          <Radio value="random" label={t("start.shownRandom")} disabled={!delivery.analysed} />
          <Radio value="recipients" label={t("start.shownRecipients")} />
        </Stack>
      </Radio.Group>
      {shown === "random" && (
        <NumberInput
          label={t("start.howMany")}
          min={1}
          max={100}
          allowDecimal={false}
          w={140}
          value={random}
          onChange={(value) => setRandom(typeof value === "number" ? value : "")}
        />
      )}
      {shown === "recipients" && (
        <Textarea
          label={t("start.recipients")}
          autosize
          minRows={2}
          maxRows={8}
          value={people}
          onChange={(event) => setPeople(event.currentTarget.value)}
        />
      )}
      {send.isError && <Failure error={send.error} />}
      <div>
        <Button type="submit" variant="default" loading={send.isPending} disabled={!ready}>
          {t("start.sendProof")}
        </Button>
      </div>
    </form>
  );
}
