/** A sender as a form sends it. */
import type { CreateDelivery, Given } from "../../contract/index.ts";

/** An empty optional address is a form's way to leave it out. */
export function withoutEmpty<S extends Partial<CreateDelivery["sender"]> | Given<CreateDelivery["sender"]>>(
  sender: S,
): S {
  const isLeftOut = (name: string, value: unknown) => !value && name !== "name" && name !== "address";
  return Object.fromEntries(Object.entries(sender).filter(([name, value]) => !isLeftOut(name, value))) as S;
}
