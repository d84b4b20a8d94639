/** Where mail leaves from: source addresses and pools of them. */

/** A delivery that names neither pool nor address leaves from this pool, where it exists. */
export const DEFAULT_POOL = "default";
/** The source of what leaves from an address that the system chooses, because none is registered for it. */
export const SYSTEM_SOURCE = "default";

export type Source = {
  /** What MX rules number them by. */
  readonly id: number;
  readonly name: string;
  /** At least one of the two. */
  readonly addressV4: string | null;
  readonly addressV6: string | null;
  readonly helo: string;
  /** Index of the sender process it is bound to; null: by its number. */
  readonly sender: number | null;
  readonly enabled: boolean;
  /** `automatic`: new, so that every provider has its warm-up; `off`: known everywhere. */
  readonly warmUp: "automatic" | "off";
};

/** What the field also calls an affinity. */
export type Pool = {
  readonly id: number;
  readonly name: string;
  /** Not empty. Shares are weight by sum of the weights of usable members. */
  readonly members: readonly { readonly source: number; readonly weight: number }[];
};
