/** Durations as settings write them: 90s, 20m, 36h, 5d. */

const SECONDS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** null: it is not written so; the server says what is wrong with it. */
function secondsOf(text: string): number | null {
  const match = /^([1-9]\d{0,8})([smhd])$/.exec(text.trim());
  return match === null ? null : Number(match[1]) * (SECONDS[match[2] ?? ""] ?? 0);
}

/** Whether attempts end sooner than the delivery asks for. */
export function isCapped(validity: string, cap: string): boolean {
  const [asked, allowed] = [secondsOf(validity), secondsOf(cap)];
  return asked !== null && allowed !== null && asked > allowed;
}
