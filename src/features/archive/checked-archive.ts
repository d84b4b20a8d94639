/** What comes out of checking an archive. */
import type { NewArchive, StoredTarget } from "./store.ts";

/** Adds what is wrong with one field. */
export type Fail = (pointer: string, code: string, message: string) => void;

/** `keep`: none came in, and the one that is known still fits. */
export type SecretChange = { readonly kind: "none" | "keep" } | { readonly kind: "new"; readonly secret: string };

export type CheckedArchive = { readonly archive: NewArchive; readonly secret: SecretChange };

export type CheckedTarget = { readonly target: StoredTarget; readonly secret: SecretChange };
