/** Adds recipients to a delivery that has begun: to whom, whether also again, and the number of people typed where they are many. */
import { ActionIcon, Button, Modal, Switch } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconAlertTriangle, IconUsersPlus } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Delivery } from "../../../src/contract/index.ts";
import type { SegmentPreview } from "../../../src/contract/segments.ts";
import { post } from "../../api.ts";
import confirm from "../../parts/confirm.module.css";
import { useMay } from "../../parts/may.tsx";
import { Failure, Notice } from "../../parts/notice.tsx";
import { useFormats, useNow } from "../../parts/use-now.ts";
import { segmentPreviewQuery } from "../../queries-audience.ts";
import { deliveryPath, settingsQuery } from "../../queries.ts";
import { AudienceChoice } from "../audience-choice/audience-choice.tsx";
import { audienceOf, type Chosen, isChosen, NOBODY_YET, treeOf } from "../audience-choice/chosen.ts";
import { NumberField } from "../delivery-start/number-field.tsx";
import { takeAnswer } from "../delivery-start/queries.ts";
import start from "../delivery-start/start.module.css";
import { asksForNumber, readNumber } from "../delivery-start/view-model.ts";
import { useFigures } from "../delivery/use-figures.ts";
import { additionsQuery, mayGoOn } from "./additions-query.ts";

/** Whoever starts deliveries and sees whom one can choose. */
export function ContinueButton({ delivery }: { delivery: Delivery }) {
  const { t } = useTranslation();
  const may = useMay();
  const now = useNow(60);
  const [open, setOpen] = useState(false);
  if (!may("deliveries.start") || !may("people.read") || !mayGoOn(delivery, now)) return null;
  const icon = <IconUsersPlus size={16} aria-hidden />;
  const ask = () => setOpen(true);
  return (
    <>
      <Button visibleFrom="sm" variant="default" leftSection={icon} onClick={ask}>
        {t("additions.add")}
      </Button>
      <ActionIcon
        hiddenFrom="sm"
        variant="default"
        size={36}
        flex="none"
        aria-label={t("additions.add")}
        title={t("additions.add")}
        onClick={ask}
      >
        {icon}
      </ActionIcon>
      {open && <ContinueDialog delivery={delivery} onClose={() => setOpen(false)} />}
    </>
  );
}

/** How many people are chosen; undefined: nobody is yet, or they are being counted. */
function useCount(chosen: Chosen) {
  const tree = isChosen(chosen) ? treeOf(audienceOf(chosen)) : null;
  return useQuery({ ...segmentPreviewQuery(JSON.stringify(tree)), enabled: tree !== null });
}

function ContinueDialog({ delivery, onClose }: { delivery: Delivery; onClose: () => void }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const client = useQueryClient();
  const { data: settings } = useQuery(settingsQuery);
  const [chosen, setChosen] = useState(NOBODY_YET);
  const [again, setAgain] = useState(false);
  const [typed, setTyped] = useState("");
  const count = useCount(chosen);
  const people = count.data?.count ?? null;
  const asks = people !== null && asksForNumber(people, settings?.start?.countAbove);
  const add = useMutation({
    mutationFn: () =>
      post<Delivery>(`${deliveryPath(delivery.id)}/actions/continue`, { audience: audienceOf(chosen), again }),
    onSuccess: async (answer) => {
      takeAnswer(client, answer);
      notifications.show({ message: t("additions.asked"), color: "ink" });
      onClose();
      await client.invalidateQueries({ queryKey: additionsQuery(delivery.id).queryKey });
    },
  });
  const ready =
    settings !== undefined && count.data !== undefined && people !== 0 && (!asks || readNumber(typed) === people);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <Modal
      opened
      size={560}
      onClose={onClose}
      title={t("additions.dialogTitle", { label: delivery.label })}
      closeButtonProps={{ "aria-label": t("common.close") }}
      classNames={{ title: confirm["title"] ?? "" }}
    >
      <form onSubmit={submit} className={start["dialog"]}>
        <p className={confirm["text"]}>{t("additions.text")}</p>
        <AudienceChoice
          value={chosen}
          onChange={(next) => {
            setChosen(next);
            setTyped("");
          }}
        />
        <Switch
          label={t("additions.again")}
          checked={again}
          onChange={(event) => setAgain(event.currentTarget.checked)}
        />
        {again ? <AgainWarning id={delivery.id} /> : <p className="muted">{t("additions.notAgain")}</p>}
        {count.isError && <Failure error={count.error} onRetry={() => void count.refetch()} />}
        {isChosen(chosen) && !count.isError && <CountWords preview={count.data} />}
        {asks && <NumberField people={people} value={typed} onChange={setTyped} />}
        {add.isError && <Failure error={add.error} />}
        <div className={start["acts"]}>
          <Button variant="default" onClick={onClose}>
            {t("common.cancel")}
          </Button>
          <Button type="submit" loading={add.isPending} disabled={!ready}>
            {people === null
              ? t("additions.yesUnknown")
              : t("additions.yes", { count: people, n: formats.int(people) })}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

function AgainWarning({ id }: { id: string }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const had = useFigures(id).data?.toDeliver ?? 0;
  return (
    <Notice tone="retry" icon={IconAlertTriangle} title={t("additions.againTitle")}>
      <p>{t("additions.againText", { count: had, n: formats.int(had) })}</p>
    </Notice>
  );
}

function CountWords({ preview }: { preview: SegmentPreview | undefined }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const words = () => {
    if (preview === undefined) return t("additions.counting");
    const { count, exact } = preview;
    if (count === null) return t("additions.unknown");
    return t(exact ? "additions.upTo" : "additions.about", { count, n: formats.int(count) });
  };
  return <p aria-live="polite">{words()}</p>;
}
