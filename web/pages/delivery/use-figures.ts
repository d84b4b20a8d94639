/**
 * The newest figures of a delivery, wherever they came from. The stream has more (rate, messages on the wire) and is newer
 * while it is connected; an answer to a plain request that arrives later must not push it away.
 */
import { skipToken, useQuery } from "@tanstack/react-query";
import { useContext } from "react";

import type { Indicators, LiveIndicators } from "../../../src/contract/index.ts";
import { indicatorsQuery } from "../../queries.ts";
import { liveKey, StreamContext } from "./stream.ts";

export type Figures = { data: Indicators | LiveIndicators | undefined; error: Error | null; refetch: () => void };

/** Milliseconds between plain requests while the stream is away. */
const WITHOUT_STREAM_MS = 2000;

export function useFigures(id: string): Figures {
  const { phase } = useContext(StreamContext);
  const plain = useQuery({ ...indicatorsQuery(id), refetchInterval: phase === "lost" ? WITHOUT_STREAM_MS : false });
  const live = useQuery<LiveIndicators>({ queryKey: liveKey(id), queryFn: skipToken });
  const preferLive = phase === "open" || live.dataUpdatedAt >= plain.dataUpdatedAt;
  return {
    data: (preferLive ? live.data : undefined) ?? plain.data ?? live.data,
    error: plain.error,
    refetch: () => void plain.refetch(),
  };
}
