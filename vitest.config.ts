import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 120_000,
    // End-to-end tests wait for more than half of their time: with one worker a core they leave a core idle.
    maxWorkers: Math.ceil(availableParallelism() * 1.5),
    // Vitest's own second is too short for a page on a machine that does other things beside.
    expect: { poll: { timeout: 10_000 } },
    // Half of the time in which a process of ours starts is compiling; it is the same code each time.
    env: { NODE_COMPILE_CACHE: join(tmpdir(), "envoi-test-compiled") },
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["{src,web,cli,bench,scripts,test}/**/*.test.ts"],
          exclude: ["**/*.{db,browser,e2e}.test.ts", "**/node_modules/**"],
          // Modules are loaded once a worker, not once a file: a third of the work. What a file fakes it puts back itself.
          isolate: false,
          // Simulated days compute for ten seconds with a core of their own, and here they share it.
          testTimeout: 90_000,
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
