/** Finds the Chromium and builds the UI that all browser tests share. */
import type { TestProject } from "vitest/node";

import { buildUi } from "../../scripts/build-ui.ts";
import { type Browser, findChromium } from "../../scripts/chromium.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** null: none runs here. */
    chromium: Browser | null;
    /** The folder of the built UI. */
    builtUi: string;
  }
}

export default async function setup(project: TestProject): Promise<void> {
  const found = await findChromium();
  project.provide("chromium", found);
  if (found === null) {
    process.stderr.write(
      "\n*** BROWSER TESTS SKIPPED: no Chromium runs here. Set CHROMIUM_PATH or install one. ***\n\n",
    );
  }
  project.provide("builtUi", found === null ? "" : (await buildUi()).dir);
}
