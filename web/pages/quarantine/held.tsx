/** Providers that suddenly know far fewer people than usual: whose addresses wait, what was said of them, and the two answers. */
import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconHelpHexagon, IconShieldCheck, IconShieldX } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { HeldGroup } from "../../../src/contract/quarantine.ts";
import { post } from "../../api.ts";
import { May } from "../../parts/may.tsx";
import { Failure } from "../../parts/notice.tsx";
import { useFormats } from "../../parts/use-now.ts";
import { When } from "../../parts/when.tsx";
import { heldPath, heldQuery, QUARANTINE_KEY } from "../../queries-quarantine.ts";
import { NoteDialog } from "./note-dialog.tsx";
import css from "./quarantine.module.css";
import { useProviderName } from "./words.ts";

const EVERY_MS = 15_000;

type Verb = "confirm" | "drop";

export function HeldGroups() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery({ ...heldQuery, refetchInterval: EVERY_MS });
  // A guard that cannot be asked must not look like one that has nothing to say.
  if (data === undefined && error !== null) return <Failure error={error} onRetry={() => void refetch()} />;
  if (data === undefined || data.data.length === 0) return null;
  return (
    <ul className={css["heldGroups"]} aria-label={t("held.label")}>
      {data.data.map((group) => (
        <Group key={group.provider ?? ""} group={group} />
      ))}
    </ul>
  );
}

function Group({ group }: { group: HeldGroup }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const providerName = useProviderName();
  const { provider, count, since, until, example } = group;
  const name = providerName(provider);
  return (
    <li className={css["heldGroup"]} data-tone="doubt" data-provider={provider ?? ""}>
      <IconHelpHexagon size={18} aria-hidden />
      <div className={css["heldBody"]}>
        <p className={css["heldTitle"]}>{t("held.title", { count, n: formats.int(count), provider: name })}</p>
        <p>{t("held.text")}</p>
        <p className={css["heldReply"]}>{example}</p>
        <p className={css["heldFacts"]}>
          <span>
            {t("held.first")} <When iso={since} />
          </span>
          <span>
            {t("held.last")} <When iso={until} />
          </span>
          <Link to="/quarantine" search={{ status: "held", ...(provider === null ? {} : { provider }) }}>
            {t("held.show")}
          </Link>
        </p>
      </div>
      {provider !== null && (
        <May right="quarantine.write">
          <Answers provider={provider} name={name} count={count} />
        </May>
      )}
    </li>
  );
}

function Answers({ provider, name, count }: { provider: string; name: string; count: number }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const client = useQueryClient();
  const [asked, setAsked] = useState<Verb | null>(null);
  const n = formats.int(count);
  const decide = useMutation({
    mutationFn: ({ verb, note }: { verb: Verb; note: string }) =>
      post<{ count: number }>(`${heldPath(provider)}/actions/${verb}`, { note }),
    onSuccess: async (done, { verb }) => {
      const told = { count: done.count, n: formats.int(done.count), provider: name };
      notifications.show({ message: t(`held.done.${verb}`, told), color: "ink" });
      setAsked(null);
      await client.invalidateQueries({ queryKey: QUARANTINE_KEY });
    },
  });
  const ask = (verb: Verb) => {
    decide.reset();
    setAsked(verb);
  };
  return (
    <div className={css["heldActs"]}>
      <Button
        size="compact-sm"
        variant="default"
        leftSection={<IconShieldCheck size={14} aria-hidden />}
        aria-label={`${t("held.drop")}: ${name}`}
        onClick={() => ask("drop")}
      >
        {t("held.drop")}
      </Button>
      <Button
        size="compact-sm"
        variant="default"
        leftSection={<IconShieldX size={14} aria-hidden />}
        aria-label={`${t("held.confirm")}: ${name}`}
        onClick={() => ask("confirm")}
      >
        {t("held.confirm")}
      </Button>
      {asked !== null && (
        <NoteDialog
          title={t(`held.ask.${asked}.title`, { provider: name })}
          text={t(`held.ask.${asked}.text`, { count, n, provider: name })}
          yes={t(`held.ask.${asked}.yes`, { count, n })}
          busy={decide.isPending}
          error={decide.error}
          onYes={(note) => decide.mutate({ verb: asked, note })}
          onNo={() => setAsked(null)}
        />
      )}
    </div>
  );
}
