/** Signing in: by password, or by token as on the first start. The way that was used last is there again. */
import { useLocalStorage } from "@mantine/hooks";

import { ByPassword } from "./by-password.tsx";
import { ByToken } from "./by-token.tsx";

export function SignIn({ chosen }: { chosen: boolean }) {
  const [way, setWay] = useLocalStorage<"password" | "token">({
    key: "envoi.sign-in",
    defaultValue: "password",
    getInitialValueInEffect: false,
  });
  if (way === "token") return <ByToken onPassword={() => setWay("password")} />;
  return <ByPassword chosen={chosen} onToken={() => setWay("token")} />;
}
