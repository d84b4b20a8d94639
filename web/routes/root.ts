/** The route that all others are below. */
import { createRootRoute } from "@tanstack/react-router";

import { NotFound } from "../parts/crash.tsx";
import { Shell } from "../parts/shell.tsx";

export const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });
export const at = <const P extends string>(path: P) => ({ getParentRoute: () => root, path });
