/** Properties of a delivery or a template, one by one, each with where its value comes from. */
import { z } from "zod";

import type { Traced } from "../core/delivery/origin.ts";
import { PROPERTY_GROUPS } from "../core/delivery/property.ts";

export { PROPERTIES } from "../core/delivery/properties.ts";
export { PROPERTY_GROUPS, type Property } from "../core/delivery/property.ts";
export type { Traced } from "../core/delivery/origin.ts";

/** By path: `settings.validity`. Null: the inherited value again. What each may be, the table of properties says. */
export const propertyWishSchema = z
  .record(z.string().max(200), z.unknown())
  .refine((wish) => Object.keys(wish).length > 0, {
    message: "Name at least one property",
  });

export type PropertyList = {
  version: number;
  /** Only what it is found by can be changed. */
  editable: boolean;
  properties: Traced[];
};

const originSchema = z.enum(["platform", "template", "delivery"]);

export const propertyListSchema = z.object({
  version: z.int().describe("ETag, for If-Match"),
  editable: z.boolean().describe("Else only folder, code, category and description can be changed"),
  properties: z.array(
    z.object({
      path: z.string().describe("As the fields of a delivery are called: settings.tracking.clicks"),
      group: z.enum(PROPERTY_GROUPS),
      value: z.unknown().describe("What counts; null: nothing is said"),
      origin: originSchema,
      inherited: z
        .object({ value: z.unknown(), origin: originSchema })
        .exactOptional()
        .describe("What it would be if it said nothing itself; only where it says something else"),
    }),
  ),
});
