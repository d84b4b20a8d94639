/** A time: relative, the absolute one with its zone on hover. */
import { useFormats, useNow } from "./use-now.ts";

export function When({ iso }: { iso: string }) {
  const now = useNow(10);
  const formats = useFormats();
  // The shared clock is up to 10 s behind: what has just happened must not read "in 4 seconds".
  const past = Date.parse(iso) > now && Date.parse(iso) - now < 10_000;
  return (
    <time dateTime={iso} title={formats.dateTime(iso)}>
      {formats.relative(iso, past ? Date.parse(iso) : now)}
    </time>
  );
}
