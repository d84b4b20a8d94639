/** Retention and the installation in the cache. */
import type { Installation, Retention } from "../src/contract/index.ts";
import { one } from "./queries.ts";

export const retentionQuery = one<Retention>(["retention"], "/retention");
export const installationQuery = one<Installation>(["installation"], "/installation");
