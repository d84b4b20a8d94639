/** Names of what people can be chosen by, and an audience in words. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import type { Audience } from "../../../src/contract/index.ts";
import { useMay } from "../../parts/may.tsx";
import { someListsQuery, someSegmentsQuery } from "../../queries-audience.ts";
import { servicesQuery } from "../../queries-services.ts";
import { deliveriesQuery } from "../../queries.ts";
import { useFormats } from "../../parts/use-now.ts";

export type Named = { id: string; label: string };

const isThere = (named: readonly Named[], id: string) => named.some((each) => each.id === id);

/** What is chosen is never lost by opening the form: it stays among the choices, under its number if nothing is known of it. */
export const withChosen = (named: readonly Named[], id: string, label: string): readonly Named[] =>
  id === "" || isThere(named, id) ? named : [{ id, label }, ...named];

/** The newest deliveries. */
export function useDeliveryNames(): readonly Named[] {
  const all = useInfiniteQuery(deliveriesQuery).data?.pages.flatMap(({ data }) => data) ?? [];
  return all.map(({ id, label }) => ({ id, label: `${label} (${id})` }));
}

/** For whoever may see people; nobody else learns which lists there are. */
export function useAudienceNames() {
  const formats = useFormats();
  const enabled = useMay()("people.read");
  const segments = useQuery({ ...someSegmentsQuery, enabled }).data?.data ?? [];
  const lists = useQuery({ ...someListsQuery, enabled }).data?.data ?? [];
  const services = useInfiniteQuery({ ...servicesQuery, enabled }).data?.pages.flatMap(({ data }) => data) ?? [];
  const delivery = useDeliveryNames();
  return {
    segment: segments.map(({ id, label }): Named => ({ id, label })),
    list: lists.map(({ id, label, members }): Named => ({ id, label: `${label} (${formats.int(members)})` })),
    service: services.map(
      ({ id, name, subscribed }): Named => ({
        id,
        label: `${name} (${formats.int(subscribed)})`,
      }),
    ),
    delivery,
  };
}

export function useAudienceWords(): (audience: Audience) => string {
  const { t } = useTranslation();
  const names = useAudienceNames();
  const named = (kind: keyof typeof names, id: string) =>
    t("chosen.of", {
      what: t(`chosen.${kind}`),
      name: names[kind].find((each) => each.id === id)?.label ?? id,
    });
  return (audience) => {
    if ("all" in audience) return t("chosen.kind.all");
    if ("list" in audience) return named("list", audience.list);
    if ("service" in audience) return named("service", audience.service);
    if ("delivery" in audience) {
      const outcomes = audience.outcome.map((each) => t(`segments.behaviours.${each}`)).join(", ");
      return `${named("delivery", audience.delivery)}, ${outcomes}`;
    }
    if ("segment" in audience && typeof audience.segment === "string") return named("segment", audience.segment);
    if ("segment" in audience) return t("chosen.kind.segment");
    const file = "import" in audience ? audience.import : audience.file;
    return t("chosen.of", { what: t("chosen.file"), name: file });
  };
}
