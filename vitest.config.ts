import { defineConfig } from "vitest/config";
import { closingLine } from "./test/support/closing-line.ts";

/** Long simulations and long runs from end to end are in files of this name: `npm run test:long`. */
const long = "**/*.long.test.ts";

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
        test: { name: "main", include: ["src/**/*.test.ts", "test/**/*.test.ts"], exclude: [long] },
      },
      { extends: true, test: { name: "long", include: [`{src,test}/${long}`], testTimeout: 300_000 } },
    ],
  },
});
