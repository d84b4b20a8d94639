/** The wall clock for relative times: one timer for the whole page, not one for each cell. */
import { useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";

import type { Formats } from "../format.ts";
import { currentFormats } from "../i18n/index.ts";

const listeners = new Set<() => void>();
let second = Math.floor(Date.now() / 1000);
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    second = Math.floor(Date.now() / 1000);
    for (const each of listeners) each();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** Milliseconds, changing every `step` seconds: what reads "3 min. ago" need not redraw each second. */
export function useNow(step = 1): number {
  return useSyncExternalStore(subscribe, () => Math.floor(second / step) * step * 1000);
}

/** The formats of the chosen language; redraws when it changes. */
export function useFormats(): Formats {
  useTranslation();
  return currentFormats();
}
