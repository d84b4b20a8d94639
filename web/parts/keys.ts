/**
 * The keyboard of the whole app. `keyAct` decides from a key and what came before it, `useKeys` does it. Nothing is taken
 * from someone who is typing, and nothing with Ctrl, Alt or Cmd.
 */
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";

const PLACES = {
  d: "/deliveries",
  m: "/messages",
  a: "/recipients",
  e: "/segments",
  i: "/imports",
  b: "/blocks",
  l: "/sending",
  q: "/quarantine",
  u: "/unsubscriptions",
  r: "/reply-texts",
  n: "/inbound-mails",
  o: "/domains",
  s: "/sandbox",
  ",": "/settings",
} as const;

export type KeyAct =
  | { kind: "none" }
  | { kind: "prefix" }
  | { kind: "go"; to: (typeof PLACES)[keyof typeof PLACES] }
  | { kind: "search" }
  | { kind: "row"; step: 1 | -1 }
  | { kind: "help" };

export function keyAct(key: string, afterPrefix: boolean): KeyAct {
  if (afterPrefix) return key in PLACES ? { kind: "go", to: PLACES[key as keyof typeof PLACES] } : { kind: "none" };
  switch (key) {
    case "g":
      return { kind: "prefix" };
    case "/":
      return { kind: "search" };
    case "j":
      return { kind: "row", step: 1 };
    case "k":
      return { kind: "row", step: -1 };
    case "?":
      return { kind: "help" };
    default:
      return { kind: "none" };
  }
}

/** How long after `g` the second key still counts. */
const PREFIX_MS = 1200;

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable]") !== null;
}

function moveRow(step: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>("main [data-row-link]")];
  if (rows.length === 0) return;
  const active = document.activeElement;
  const here = rows.findIndex((row) => row === active || row.closest("tr")?.hasAttribute("data-current") === true);
  const next = rows[Math.min(rows.length - 1, Math.max(0, here + step))];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
  // With a drawer open, moving on means reading the next one.
  const inList = next?.closest("tr") ?? null;
  if (inList !== null && document.querySelector("main aside") !== null) next?.click();
}

export function useKeys(onHelp: () => void): void {
  const navigate = useNavigate();
  const prefixAt = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector('[aria-modal="true"]') !== null) return;
      const act = keyAct(event.key, event.timeStamp - prefixAt.current < PREFIX_MS);
      prefixAt.current = act.kind === "prefix" ? event.timeStamp : Number.NEGATIVE_INFINITY;
      if (act.kind === "none" || act.kind === "prefix") return;
      event.preventDefault();
      if (act.kind === "go") void navigate({ to: act.to });
      if (act.kind === "search") document.querySelector<HTMLInputElement>("main [data-search]")?.focus();
      if (act.kind === "row") moveRow(act.step);
      if (act.kind === "help") onHelp();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [navigate, onHelp]);
}
