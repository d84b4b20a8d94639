/** The second factor: requests that take no version and, because answers are kept and secrets are not, no Idempotency-Key. */
import { call } from "./api.ts";

export type Offer = { secret: string; uri: string };

export const offerSecondFactor = async (): Promise<Offer> =>
  (await call("POST", "/session/second-factor")).json() as Promise<Offer>;

export const confirmSecondFactor = async (code: string): Promise<{ recoveryCodes: string[] }> =>
  (await call("PUT", "/session/second-factor", { code })).json() as Promise<{ recoveryCodes: string[] }>;

export const removeSecondFactor = async (password: string): Promise<void> =>
  void (await call("DELETE", "/session/second-factor", { password }));
