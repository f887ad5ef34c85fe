/** The last line of a test run, in words that programs read as well: "Tests: 123 passed, 0 failed". */
import type { Reporter, TestModule } from "vitest/node";

export const closingLine: Reporter = {
  onTestRunEnd(modules: readonly TestModule[], errors) {
    let passed = 0;
    // A file that could not be loaded, and an error outside of any test, are failures without a test.
    let failed = errors.length + modules.filter((module) => module.errors().length > 0).length;
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === "passed") passed++;
        else if (state === "failed") failed++;
      }
    }
    if (passed + failed === 0) process.exitCode = 1;
    // After the other reporters' summary.
    setImmediate(() => console.log(`Tests: ${passed} passed, ${failed} failed`));
  },
};
