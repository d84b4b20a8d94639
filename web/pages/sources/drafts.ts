/** A source and a pool as forms, and what they become for the API. */
import type { PoolAnswer, PoolInput, SourceAnswer, SourceInput } from "../../../src/contract/shaping.ts";
import type { Count } from "../../parts/form-fields.ts";

export const WARM_UPS = ["automatic", "off"] as const satisfies readonly SourceInput["warmUp"][];

export type SourceDraft = {
  name: string;
  addressV4: string;
  addressV6: string;
  helo: string;
  sender: Count;
  enabled: boolean;
  warmUp: SourceInput["warmUp"];
};

export const emptySource: SourceDraft = {
  name: "",
  addressV4: "",
  addressV6: "",
  helo: "",
  sender: "",
  enabled: true,
  warmUp: "automatic",
};

export const sourceDraftOf = ({
  name,
  addressV4,
  addressV6,
  helo,
  sender,
  enabled,
  warmUp,
}: SourceAnswer): SourceDraft => ({
  name,
  addressV4: addressV4 ?? "",
  addressV6: addressV6 ?? "",
  helo,
  sender: sender ?? "",
  enabled,
  warmUp,
});

export const sourceRequestOf = (draft: SourceDraft): SourceInput => ({
  name: draft.name.trim(),
  addressV4: draft.addressV4.trim() || null,
  addressV6: draft.addressV6.trim() || null,
  helo: draft.helo.trim(),
  sender: draft.sender === "" ? null : draft.sender,
  enabled: draft.enabled,
  warmUp: draft.warmUp,
});

export const sourceFieldOf = ([name = ""]: readonly string[]): keyof SourceDraft | null =>
  name in emptySource ? (name as keyof SourceDraft) : null;

export type MemberDraft = { source: string; weight: Count };
export type PoolDraft = { name: string; members: readonly MemberDraft[] };

/** A first row to fill in. */
export const emptyPool: PoolDraft = { name: "", members: [{ source: "", weight: 1 }] };

export const poolDraftOf = ({ name, members }: PoolAnswer): PoolDraft => ({
  name,
  members: members.map(({ source, weight }) => ({ source, weight })),
});

/** Rows without a source are not filled in yet. */
export const membersOf = ({ members }: PoolDraft): PoolInput["members"] =>
  members.flatMap(({ source, weight }) => (source === "" ? [] : [{ source, weight: weight === "" ? 1 : weight }]));

export const poolRequestOf = (draft: PoolDraft): PoolInput => ({ name: draft.name.trim(), members: membersOf(draft) });

/** What is said about one member stands under the list of them. */
export const poolFieldOf = ([name = ""]: readonly string[]): keyof PoolDraft | null =>
  name === "name" || name === "members" ? name : null;
