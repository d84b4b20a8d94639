/** What the checklist says of the way that a delivery wants to take. Pure. */
import type { ChecklistItem, Settings } from "../../contract/index.ts";

/** `hasRelays` undefined: nothing leaves the machine, whatever a delivery wants. */
export function transportItems(
  { transport }: Partial<Pick<Settings, "transport">>,
  hasRelays: boolean | undefined,
): ChecklistItem[] {
  if (transport !== "relay" || hasRelays !== false) return [];
  return [
    {
      id: "transport-no-relay",
      level: "error",
      title: "There is no relay",
      detail:
        "It is to go through the relays of the installation, and ENVOI_RELAY names none. Choose another transport in its properties.",
    },
  ];
}
