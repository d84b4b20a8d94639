/** The start: words, token or invitation from the address, then the app. */
import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "./styles/tokens.css";
import "./styles/base.css";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { App } from "./app.tsx";
import { startI18n } from "./i18n/index.ts";
import { signInFromAddress, takeInvitation, takeOutcome, watchAddress } from "./session.ts";
import { applyScheme } from "./theme.ts";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");

applyScheme();
await startI18n();
await signInFromAddress();
watchAddress();
const invitation = takeInvitation();
const outcome = takeOutcome();
createRoot(root).render(
  <StrictMode>
    <App invitation={invitation} outcome={outcome} />
  </StrictMode>,
);
