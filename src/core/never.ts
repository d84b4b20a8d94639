/** The compiler proves a union exhausted; at run time this is a bug, so it throws. */
export function assertNever(value: never): never {
  throw new Error(`unreachable case: ${JSON.stringify(value)}`);
}
