/** Lets a page inside the frame put its primary action into the frame's head. */
import { createContext, type ReactNode, useContext } from "react";
import { createPortal } from "react-dom";

export const ActionSlot = createContext<HTMLElement | null>(null);

export function InActionSlot({ children }: { children: ReactNode }) {
  const slot = useContext(ActionSlot);
  return slot === null ? null : createPortal(children, slot);
}
