import { expect, it } from "vitest";
import { loadRuntime } from "./load-runtime.ts";

// That nothing is sent and written then is seen from outside (test/network.long.test.ts).
it("keeps ONNX Runtime from reporting use", async () => {
  await loadRuntime();
  expect(process.env.ORT_DISABLE_TELEMETRY).toBe("1");
});
