/** What `envoi doctor` found at one place. */
export type Finding = { readonly check: string; readonly level: "ok" | "warning" | "error"; readonly detail: string };
