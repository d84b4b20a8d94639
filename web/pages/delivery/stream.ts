/**
 * The live events of one delivery, written into the query cache: whoever reads indicators, destinations, audit or state
 * sees them move. EventSource reconnects by itself; only when it gives up (an HTTP error) do we open a new one.
 */
import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { createContext, useEffect, useState } from "react";

import type { Delivery, DeliveryEvent, Destination, LiveIndicators, Page } from "../../../src/contract/index.ts";
import { apiUrl } from "../../api.ts";
import { auditQuery, deliveryQuery, destinationsQuery } from "../../queries.ts";
import { atMost } from "./at-most.ts";

export type StreamState = { phase: "connecting" | "open" | "lost"; lastAt: number | null };

export const StreamContext = createContext<StreamState>({ phase: "connecting", lastAt: null });

/** Where the stream leaves its indicators (use-figures.ts). */
export const liveKey = (id: string) => ["delivery", id, "live"] as const;

const TICK_MS = 500;
const REOPEN_MS = 3000;
const EVENTS_KEPT = 50;

export function useDeliveryStream(id: string): StreamState {
  const client = useQueryClient();
  const [state, setState] = useState<StreamState>({ phase: "connecting", lastAt: null });
  useEffect(() => openStream(id, client, setState), [id, client]);
  return state;
}

type SetState = (change: (before: StreamState) => StreamState) => void;

function openStream(id: string, client: QueryClient, setState: SetState): () => void {
  let source: EventSource;
  let reopen: ReturnType<typeof setTimeout> | undefined;
  const indicators = atMost<LiveIndicators>(TICK_MS, (value) => takeIndicators(client, id, value), Date.now);
  const destinations = atMost<Destination[]>(
    TICK_MS,
    (data) => client.setQueryData(destinationsQuery(id).queryKey, { data }),
    Date.now,
  );
  const on = <T>(name: string, take: (data: T) => void) =>
    source.addEventListener(name, (event) => {
      setState(() => ({ phase: "open", lastAt: Date.now() }));
      take(JSON.parse((event as MessageEvent<string>).data) as T);
    });
  const connect = () => {
    source = new EventSource(apiUrl(`/deliveries/${encodeURIComponent(id)}/events`));
    source.onopen = () => setState((before) => ({ ...before, phase: "open" }));
    source.onerror = () => {
      setState((before) => ({ ...before, phase: "lost" }));
      if (source.readyState === EventSource.CLOSED) reopen = setTimeout(connect, REOPEN_MS);
    };
    on<LiveIndicators>("indicators", indicators.offer);
    on<Destination[]>("destinations", destinations.offer);
    on<DeliveryEvent>("event", (event) => takeEvent(client, id, event));
  };
  connect();
  return () => {
    source.close();
    clearTimeout(reopen);
    indicators.stop();
    destinations.stop();
  };
}

function takeIndicators(client: QueryClient, id: string, value: LiveIndicators): void {
  client.setQueryData(liveKey(id), value);
  client.setQueryData(deliveryQuery(id).queryKey, (before: Delivery | undefined) =>
    before === undefined || (before.state === value.state && before.holdReason === value.holdReason)
      ? before
      : { ...before, state: value.state, holdReason: value.holdReason },
  );
}

function takeEvent(client: QueryClient, id: string, event: DeliveryEvent): void {
  client.setQueryData(auditQuery(id).queryKey, (before: Page<DeliveryEvent> | undefined) => {
    if (before === undefined || before.data.some((each) => each.id === event.id)) return before;
    return { ...before, data: [event, ...before.data].slice(0, EVENTS_KEPT) };
  });
  // Dates and version change with events; figures do not wait for this.
  void client.invalidateQueries({ queryKey: deliveryQuery(id).queryKey, exact: true });
}
