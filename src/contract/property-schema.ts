/** Schemas of the HTTP border made from the table of properties (core/delivery/properties.ts). */
import { z } from "zod";

import { isProperty, type Property, type PropertyTree, type PropertyType } from "../core/delivery/property.ts";
import { durationSchema, idSchema } from "./basics.ts";

/** Of what is a list or an object: by name. */
type Shapes = { readonly [name: string]: z.ZodType };

type ValueOf<T, S extends Shapes> = T extends { kind: "switch" }
  ? z.ZodType<boolean, boolean>
  : T extends { kind: "number" }
    ? z.ZodType<number, number>
    : T extends { kind: "choice"; options: readonly (infer O)[] }
      ? z.ZodType<O, O>
      : T extends { kind: "shape"; name: infer N extends keyof S }
        ? S[N]
        : z.ZodType<string, string>;
type FieldOf<P, S extends Shapes> = P extends { type: infer T }
  ? P extends { default: unknown }
    ? z.ZodDefault<ValueOf<T, S>>
    : P extends { required: true }
      ? ValueOf<T, S>
      : z.ZodOptional<ValueOf<T, S>>
  : never;
type EntryOf<P, S extends Shapes> = P extends { acts: string }
  ? FieldOf<P, S>
  : z.ZodPrefault<z.ZodObject<FieldsOf<P, S>, z.core.$strict>>;
export type FieldsOf<T, S extends Shapes> = { -readonly [K in keyof T]: EntryOf<T[K], S> };

/** The fields of an object, for `z.strictObject`. Each says what it does. */
export function fieldsOf<const T extends PropertyTree, S extends Shapes>(tree: T, shapes: S): FieldsOf<T, S> {
  const fields = Object.entries(tree).map(([name, entry]) => [
    name,
    isProperty(entry) ? fieldOf(entry, shapes) : z.strictObject(fieldsOf(entry, shapes)).prefault({}),
  ]);
  return Object.fromEntries(fields) as FieldsOf<T, S>;
}

function fieldOf(property: Property, shapes: Shapes): z.ZodType {
  const value = valueOf(property.type, shapes);
  const described = (field: z.ZodType) => field.describe(sentence(property));
  if (property.default !== undefined) return described(value.default(property.default));
  return described(property.required ? value : value.optional());
}

const sentence = ({ acts, otherwise, platform }: Property) =>
  [acts, platform && `absent: the platform's ${platform}`, otherwise && `absent: ${otherwise}`]
    .filter(Boolean)
    .join("; ");

function valueOf(type: PropertyType, shapes: Shapes): z.ZodType {
  switch (type.kind) {
    case "switch":
      return z.boolean();
    case "duration":
      return durationSchema;
    case "seconds":
      return z.string().regex(/^\d{1,4}s$/, "a time is written 5s; 0s for none");
    case "choice":
      return z.enum(type.options);
    case "number":
      return z.int().min(type.least).max(type.most);
    case "text":
      return (type.trim ? z.string().trim() : z.string()).min(type.least ?? 0).max(type.most);
    case "url":
      return z.url({ protocol: /^https?$/ });
    case "instant":
      return z.iso.datetime({ offset: true });
    case "id":
      return idSchema;
    case "shape":
      return shapes[type.name] ?? z.never();
  }
}
