/** A server of the public paths of tracking in a process of its own, for tests that kill it. Told by an order, answers with its port. */
import { openDb } from "../src/platform/db.ts";
import { startTrackingServer } from "./tracking-rig.ts";

export type TrackingOrder = { readonly databaseUrl: string; readonly dataDir: string };

process.once("message", (order: TrackingOrder) => {
  void (async () => {
    const db = await openDb(order.databaseUrl);
    const { app } = await startTrackingServer(db, order.dataDir);
    await app.listen({ host: "127.0.0.1", port: 0 });
    const address = app.server.address();
    process.send?.(typeof address === "object" && address ? address.port : 0);
  })();
});
process.on("disconnect", () => process.exit(0));
