/** Lets the newest of many values through, at most once per interval: screens tick twice a second, however fast the stream is. */

export type AtMost<T> = { offer: (value: T) => void; stop: () => void };

export function atMost<T>(intervalMs: number, emit: (value: T) => void, now: () => number): AtMost<T> {
  let last = Number.NEGATIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let newest: { value: T } | undefined;
  const flush = () => {
    timer = undefined;
    if (newest === undefined) return;
    last = now();
    const { value } = newest;
    newest = undefined;
    emit(value);
  };
  return {
    offer: (value) => {
      newest = { value };
      if (timer !== undefined) return;
      const wait = last + intervalMs - now();
      if (wait <= 0) flush();
      else timer = setTimeout(flush, wait);
    },
    stop: () => clearTimeout(timer),
  };
}
