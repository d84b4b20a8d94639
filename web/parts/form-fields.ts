/** Fields of a form over one draft: label, value, refusal, change. The words of a field stand under its name in one part of the catalogue. */

/** Empty: not set. */
export type Count = number | "";
export type FormErrors<D> = Partial<Record<keyof D, string>>;
export type FormProps<D> = { draft: D; set: (part: Partial<D>) => void; errors: FormErrors<D> };

type NamesOf<D, T> = { [F in keyof D]-?: [D[F]] extends [T] ? F : never }[keyof D] & string;
export type TextName<D> = { [F in keyof D]-?: string extends D[F] ? F : never }[keyof D] & string;
export type CountName<D> = { [F in keyof D]-?: Count extends D[F] ? F : never }[keyof D] & string;
export type SwitchName<D> = NamesOf<D, boolean>;

export function fieldsOf<D>({ draft, set, errors }: FormProps<D>, label: (name: keyof D & string) => string) {
  const change = (name: keyof D, value: unknown) => set({ [name]: value } as Partial<D>);
  const shared = (name: keyof D & string) => ({
    label: label(name),
    error: errors[name],
    errorProps: { style: { whiteSpace: "pre-line" as const } },
    autoComplete: "off",
  });
  return {
    text: (name: TextName<D>) => ({
      ...shared(name),
      value: draft[name] as string,
      onChange: (event: { currentTarget: { value: string } }) => change(name, event.currentTarget.value),
    }),
    count: (name: CountName<D>, min = 1) => ({
      ...shared(name),
      value: draft[name] as Count,
      min,
      allowDecimal: false,
      allowNegative: false,
      hideControls: true,
      onChange: (value: string | number) => change(name, typeof value === "number" ? value : ""),
    }),
    choice: (name: keyof D & string) => ({
      label: label(name),
      error: errors[name],
      value: String(draft[name]),
      onChange: (event: { currentTarget: { value: string } }) => change(name, event.currentTarget.value),
    }),
    toggle: (name: SwitchName<D>) => ({
      label: label(name),
      checked: draft[name] as boolean,
      onChange: (event: { currentTarget: { checked: boolean } }) => change(name, event.currentTarget.checked),
    }),
  };
}
