/** Segments as they cross the HTTP border: named trees of conditions, and how many people a tree is. */
import { z } from "zod";

import type { Segment as Tree } from "../core/segment/segment.ts";
import type { Timestamp } from "./basics.ts";

/** Its conditions are read apart (core/segment), with a pointer for each problem; docs/segments.md describes them. */
export const treeSchema = z.looseObject({}).describe("A tree of conditions: docs/segments.md");

export const segmentSchema = z.strictObject({ label: z.string().trim().min(1).max(500), tree: treeSchema });
export type SegmentInput = z.infer<typeof segmentSchema>;

export const segmentPreviewSchema = z.strictObject({ tree: treeSchema });

export type Segment = {
  id: string;
  label: string;
  tree: Tree;
  version: number;
  createdAt: Timestamp;
  updatedAt: Timestamp;
  /** Only on answers to saving and reading one segment: the tree in words. */
  explanation?: string;
};

/** A row of the list of segments. */
export type SegmentSummary = Pick<Segment, "id" | "label" | "version" | "createdAt" | "updatedAt">;

export type SegmentPreview = {
  /** Exact, or estimated from a sample when counting took too long; null when that took too long, too. */
  count: number | null;
  exact: boolean;
  /** With 95 % certainty the true number is within this much of `count`; 0 when exact. */
  margin: number;
  /** Recipients whom the estimate looked at; 0 when exact. */
  sampled: number;
  /** The tree in words. */
  explanation: string;
  samples: { id: string; address: string; attributes: Record<string, unknown> }[];
};
