/** Addresses as they come in paths and bodies. */
import { parseAddress, type ValidAddress } from "../../core/address/parse-address.ts";
import { appError } from "../../platform/errors.ts";

/** Throws `invalid-input` that names the place. */
export function readAddress(text: string, pointer: string): ValidAddress {
  const address = parseAddress(text);
  if (address.kind === "valid") return address;
  const message = address.kind === "empty" ? "An address is needed" : `The address ${address.reason}`;
  throw appError("invalid-input", { detail: message }, [{ pointer, code: "invalid-address", message }]);
}
