/** What `envoi doctor` found at one place. */
export type Finding = {
  readonly check: string;
  readonly level: "ok" | "warning" | "error";
  readonly detail: string;
  /** What to do about it, where the detail does not say. */
  readonly advice?: string;
};
