/** What the checks ask DNS, and the answers they tell apart: a name that is missing is a fact, a silent resolver is not. */

export type Answer<T> =
  /** At least one. */
  | { readonly kind: "records"; readonly records: readonly T[] }
  /** The name exists without records of this type. */
  | { readonly kind: "no-records" }
  | { readonly kind: "no-such-name" }
  /** Time-out, SERVFAIL and the like. */
  | { readonly kind: "failed"; readonly detail: string };

export type MxRecord = { readonly host: string; readonly preference: number };

/** Handed in by the composition root. Names and hosts in lower case ASCII, without a dot at their end. */
export type RecordResolver = {
  /** The strings of a record joined (RFC 7208 §3.3, RFC 6376 §3.6.2.2). */
  readonly txt: (name: string) => Promise<Answer<string>>;
  /** A null MX (RFC 7505) has an empty host. */
  readonly mx: (name: string) => Promise<Answer<MxRecord>>;
  readonly a: (name: string) => Promise<Answer<string>>;
  readonly aaaa: (name: string) => Promise<Answer<string>>;
  readonly cname: (name: string) => Promise<Answer<string>>;
};

/** One set of checks asks about the same names again and again: each question is asked once. */
export function askOnce(resolver: RecordResolver): RecordResolver {
  const once = <T>(ask: (name: string) => Promise<Answer<T>>) => {
    const answers = new Map<string, Promise<Answer<T>>>();
    return (name: string) => {
      const answer = answers.get(name) ?? ask(name);
      answers.set(name, answer);
      return answer;
    };
  };
  return {
    txt: once(resolver.txt),
    mx: once(resolver.mx),
    a: once(resolver.a),
    aaaa: once(resolver.aaaa),
    cname: once(resolver.cname),
  };
}

/** IPv4 and IPv6 as one answer. What is known counts even when the other half failed, nothing known is no answer then. */
export async function askAddresses(resolver: RecordResolver, name: string): Promise<Answer<string>> {
  const answers = await Promise.all([resolver.a(name), resolver.aaaa(name)]);
  const records = answers.flatMap((answer) => (answer.kind === "records" ? answer.records : []));
  if (records.length > 0) return { kind: "records", records };
  return answers.find((answer) => answer.kind === "failed") ?? answers[0];
}

/** Of an answer without records, for people. */
export function sayMissing(answer: Exclude<Answer<unknown>, { kind: "records" }>): string {
  if (answer.kind === "failed") return `no answer (${answer.detail})`;
  return answer.kind === "no-such-name" ? "no such name" : "no record";
}
