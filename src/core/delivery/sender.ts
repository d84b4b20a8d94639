/** Who a delivery writes as: its own words, and those of the platform where it has none. Pure. */
import { parseAddress } from "../address/parse-address.ts";
import { matchesMask } from "../shaping/match-masks.ts";

/** As properties are called; empty or absent: nothing is said. */
export type SenderWords = {
  readonly name: string;
  readonly address: string;
  readonly replyToName?: string | undefined;
  readonly replyTo?: string | undefined;
  readonly errorAddress?: string | undefined;
};

/** With the platform's words where the delivery has none; empty: nobody says anything. */
export type WholeSender = Required<{ readonly [F in keyof SenderWords]: string }>;

/** What the platform's settings say of senders. */
export type SenderDefaults = {
  readonly sender: {
    readonly name: string;
    readonly address: string;
    readonly replyToName: string;
    readonly replyTo: string;
  };
  readonly errorAddress: string;
};

/** Masks that addresses must match, `*` for any characters, `?` for one; none: any address will do. */
export type SenderMasks = { readonly address: readonly string[]; readonly errorAddress: readonly string[] };

/** Each field by itself: a delivery may have an address of its own and the platform's name. */
export function wholeSender<S extends SenderWords>(own: S, { sender, errorAddress }: SenderDefaults): S & WholeSender {
  return {
    ...own,
    name: own.name.trim() === "" ? sender.name : own.name,
    address: own.address.trim() === "" ? sender.address : own.address,
    replyToName: own.replyToName?.trim() ? own.replyToName : sender.replyToName,
    replyTo: own.replyTo?.trim() ? own.replyTo : sender.replyTo,
    errorAddress: own.errorAddress?.trim() ? own.errorAddress : errorAddress,
  };
}

type OutsideMasks = {
  readonly field: "address" | "errorAddress";
  readonly address: string;
  readonly masks: readonly string[];
};

/**
 * Which addresses no mask allows. A personalised one is another for each message, so that nobody can say it beforehand: it passes. Without
 * an error address bounces go to the sender (RFC 5321 §4.4), so that one is looked at in its place.
 */
export function outsideMasks(
  { address, errorAddress }: { readonly address: string; readonly errorAddress: string },
  masks: SenderMasks,
): OutsideMasks[] {
  const wanted = [
    { field: "address", address, masks: masks.address },
    { field: "errorAddress", address: errorAddress.trim() === "" ? address : errorAddress, masks: masks.errorAddress },
  ] as const;
  return wanted
    .map((each) => ({ ...each, address: each.address.trim() }))
    .filter((each) => each.masks.length > 0 && each.address !== "" && !isPersonalised(each.address))
    .filter(({ address: given, masks: allowed }) => !isAllowed(given, allowed));
}

/** As it is written, or with its domain in ASCII. */
function isAllowed(address: string, masks: readonly string[]): boolean {
  const parsed = parseAddress(address);
  const forms = parsed.kind === "valid" ? [address, parsed.envelope] : [address];
  return masks.some((mask) => forms.some((form) => matchesMask(mask, form)));
}

/** In either syntax. */
export function isPersonalised(text: string): boolean {
  return /\{[{%]|<%/.test(text);
}
