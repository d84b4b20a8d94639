/** What the parts of the compiler hand to each other. */
import type { Instant } from "../../core/time.ts";
import type { PreparedSegment } from "./prepare.ts";

/** Notes a value and says which parameter it is. */
export type Bind = (value: unknown, type: string) => string;

export type Compiling = PreparedSegment & { readonly now: Instant; readonly r: string; readonly bind: Bind };
