import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 120_000,
    // Vitest would leave one core idle; most of these tests wait more than they compute.
    maxWorkers: "100%",
    // Half of the time in which a process of ours starts is compiling; it is the same code each time.
    env: { NODE_COMPILE_CACHE: join(tmpdir(), "envoi-test-compiled") },
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["{src,web,cli,bench,scripts,test}/**/*.test.ts"],
          exclude: ["**/*.{db,browser,e2e}.test.ts", "**/node_modules/**"],
        },
      },
      {
        extends: true,
        test: { name: "db", include: ["{src,cli,test}/**/*.db.test.ts"], globalSetup: ["test/global-setup.ts"] },
      },
      {
        extends: true,
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.e2e.test.ts"],
          globalSetup: ["test/global-setup.ts"],
          testTimeout: 300_000,
        },
      },
      {
        extends: true,
        test: {
          name: "browser",
          include: ["test/browser/**/*.browser.test.ts"],
          globalSetup: ["test/global-setup.ts", "test/browser/global-setup.ts"],
          testTimeout: 120_000,
        },
      },
    ],
  },
});
