/**
 * Signing in: with the identity provider, by password, or by token as on the first start. Of the last two the one that was used last
 * is there again.
 */
import { useLocalStorage } from "@mantine/hooks";
import { useState } from "react";

import { ByPassword } from "./by-password.tsx";
import { ByToken } from "./by-token.tsx";
import { ProviderCode } from "./provider-code.tsx";

/** `outcome`: how it went with the identity provider; null: nobody was there, or all went well. */
export function SignIn({ chosen, outcome }: { chosen: boolean; outcome: string | null }) {
  const [way, setWay] = useLocalStorage<"password" | "token">({
    key: "envoi.sign-in",
    defaultValue: "password",
    getInitialValueInEffect: false,
  });
  const [owesCode, setOwesCode] = useState(outcome === "code-needed");
  if (owesCode) return <ProviderCode onBack={() => setOwesCode(false)} />;
  if (way === "token") return <ByToken onPassword={() => setWay("password")} />;
  return <ByPassword chosen={chosen} outcome={outcome} onToken={() => setWay("token")} />;
}
