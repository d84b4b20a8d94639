/**
 * Schemas of what was really said: the same fields, none required, no default filled in. For what lies over something
 * else, as a delivery over its template: a default that nobody wrote would hide what is below.
 */
import { z } from "zod";

import type { SettingGroup } from "../core/delivery/properties.ts";

/** Fields that are groups of settings: each setting in them is given or not by itself. */
type Group = SettingGroup;

export type Given<T> = {
  [K in keyof T]?: (K extends Group ? Given<NonNullable<T[K]>> : T[K]) | undefined;
};
/** Null: not what lies below, but as if nobody had said anything. */
export type Override<T> = {
  [K in keyof T]?: (K extends Group ? Override<NonNullable<T[K]>> : T[K]) | null | undefined;
};

export function givenOf<S extends z.ZodRawShape>(schema: z.ZodObject<S>) {
  return rebuilt(schema, (field) => field.optional()) as unknown as z.ZodType<Given<z.output<z.ZodObject<S>>>>;
}

export function overrideOf<S extends z.ZodRawShape>(schema: z.ZodObject<S>) {
  return rebuilt(schema, (field) => field.nullish()) as unknown as z.ZodType<Override<z.output<z.ZodObject<S>>>>;
}

type Loose<S, Other> = { [K in keyof S]: z.ZodOptional<z.ZodType<Exclude<z.output<S[K]>, undefined> | Other>> };

/** The same, as fields of a larger object. */
export function givenFields<S extends z.ZodRawShape>(schema: z.ZodObject<S>) {
  return rebuilt(schema, (field) => field.optional()).shape as unknown as Loose<S, never>;
}

export function overrideFields<S extends z.ZodRawShape>(schema: z.ZodObject<S>) {
  return rebuilt(schema, (field) => field.nullish()).shape as unknown as Loose<S, null>;
}

/** The default stays in the description of the API. */
function rebuilt(schema: z.ZodObject, loosen: (field: z.ZodType) => z.ZodType): z.ZodObject {
  const shape = Object.entries(schema.shape).map(([name, given]) => {
    const field = given as z.ZodType;
    const { inner, ...meta } = unwrapped(field);
    const isGroup = field instanceof z.ZodPrefault && inner instanceof z.ZodObject;
    return [name, loosen(isGroup ? rebuilt(inner, loosen) : inner).meta({ ...field.meta(), ...meta })];
  });
  return z.strictObject(Object.fromEntries(shape));
}

function unwrapped(field: z.ZodType): { inner: z.ZodType; default?: unknown } {
  if (field instanceof z.ZodOptional) return { inner: field.unwrap() as z.ZodType };
  if (field instanceof z.ZodPrefault) return { inner: field.unwrap() as z.ZodType };
  if (field instanceof z.ZodDefault) return { inner: field.unwrap() as z.ZodType, default: field.def.defaultValue };
  return { inner: field };
}
