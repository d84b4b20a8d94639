/** The roles under test of `bench inbound`, in a process of their own, started as `envoi start` does. Started by `fork`. */
import { loadConfig } from "../src/platform/config.ts";
import { startEnvoi } from "../src/main.ts";

export type InboundOrder = { readonly env: Readonly<Record<string, string>> };

process.once("message", ({ env }: InboundOrder) => {
  void (async () => {
    const envoi = await startEnvoi(loadConfig(env));
    process.once("disconnect", () => void envoi.close().then(() => process.exit(0)));
    process.send?.("ready");
  })();
});
