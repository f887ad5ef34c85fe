import { defineConfig } from "vitest/config";
import { closingLine } from "./test/support/closing-line.ts";

/** Long simulations and long runs from end to end are in files of this name: `npm run test:long`. */
const long = "**/*.long.test.ts";
/** Files that replace modules (`vi.mock`) run in a separate process; all others share one, which loads modules once. */
const mocked = "**/*.mocked.test.ts";

export default defineConfig({
  test: {
    globalSetup: ["test/support/build.ts", "test/support/cache.ts"],
    reporters: ["default", closingLine],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: "main",
          include: ["src/**/*.test.ts", "test/**/*.test.ts"],
          exclude: [long, mocked],
          isolate: false,
        },
      },
      { extends: true, test: { name: "mocked", include: [`{src,test}/${mocked}`] } },
      { extends: true, test: { name: "long", include: [`{src,test}/${long}`], testTimeout: 300_000 } },
    ],
  },
});
