/**
 * The shapes that cross the HTTP border: what the API answers and what the UI reads. Zod schemas for what comes in,
 * plain types for what goes out. Field names are the contract's (`design: HTTP`); nothing here does anything.
 * One file a topic; sources, pools, rules and lanes have theirs in shaping.ts.
 */
export type { FailureReason, FailureType } from "../core/bounce/verdict.ts";
export type { DeliveryState, ExclusionReason, MessageStatus } from "../core/delivery/status.ts";
export type { Link } from "../core/message/manifest.ts";
export type { Page, Problem } from "./basics.ts";
export type { Given, Override } from "./given.ts";
export * from "./approvals.ts";
export * from "./archive.ts";
export * from "./audience.ts";
export * from "./content.ts";
export * from "./deliveries.ts";
export * from "./deliveries-proofs.ts";
export * from "./domains.ts";
export * from "./folders.ts";
export * from "./general.ts";
export * from "./installation.ts";
export * from "./messages.ts";
export * from "./platform.ts";
export * from "./properties.ts";
export * from "./population.ts";
export * from "./retention.ts";
export * from "./settings.ts";
export * from "./single-messages.ts";
export * from "./templates.ts";
export * from "./tracking.ts";
