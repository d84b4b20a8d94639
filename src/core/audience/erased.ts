/** What stands where an address was: valid, so that pages of old messages can still be shown, and nobody's (RFC 2606 §2). */
export const ERASED_ADDRESS = "erased@erased.invalid";
