/** What reading a value comes to. */

/**
 * As it is stored: text and enum as strings, numbers and booleans as such, a date as `2024-01-31`, a timestamp as
 * `2024-01-31T09:30:00.000Z`: both sort as text.
 */
export type AttributeValue = string | number | boolean;

export type ReadValue =
  | { readonly kind: "value"; readonly value: AttributeValue }
  | { readonly kind: "blank" }
  /** Completes the sentence "the value …". */
  | { readonly kind: "invalid"; readonly problem: string };
