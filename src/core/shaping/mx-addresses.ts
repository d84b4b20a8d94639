/** Which addresses of an MX host a source can reach, in the order to try them. */

export type Families = {
  readonly v4: boolean;
  readonly v6: boolean;
  /** The other family follows when all of this one failed. */
  readonly first: "v4" | "v6";
};

export function addressesFor(addresses: readonly string[], { v4, v6, first }: Families): string[] {
  const fours = v4 ? addresses.filter((address) => !address.includes(":")) : [];
  const sixes = v6 ? addresses.filter((address) => address.includes(":")) : [];
  return first === "v4" ? [...fours, ...sixes] : [...sixes, ...fours];
}
