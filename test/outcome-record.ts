/** What a sender writes down of an attempt, as tests of the committing begin: accepted by one.example at once. */
import type { OutcomeRecord } from "../src/mta/outcome-record.ts";
import { NOW } from "./seed-delivery.ts";

export function outcomeRecord(
  { partId, epoch }: Readonly<{ partId: number; epoch: number }>,
  seq: number,
  changes: Partial<OutcomeRecord> = {},
): OutcomeRecord {
  return {
    partId,
    seq,
    epoch,
    attempt: 1,
    fromStatus: "pending",
    status: "sent",
    type: null,
    reason: null,
    inDoubt: false,
    nextAt: null,
    finalAt: NOW,
    at: NOW,
    kind: "accepted",
    stage: "dot",
    code: 250,
    enhanced: "2.0.0",
    reply: "250 2.0.0 ok",
    digest: "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    mx: "mx.one.example",
    sourceIp: "192.0.2.9",
    tls: "TLS",
    durationMs: 12,
    rule: null,
    address: `p${seq}@one.example`,
    domain: "one.example",
    quarantineKey: null,
    ...changes,
  };
}
