import { expect, test } from "vitest";
import { engineRequest } from "./engine-request.ts";

const refused = (flags: Parameters<typeof engineRequest>[0]): string => {
  try {
    engineRequest(flags);
  } catch (error) {
    expect((error as { code: string }).code).toBe("usage");
    return (error as Error).message;
  }
  return "";
};

test("options of one engine are refused beside the other", () => {
  expect(refused({ engine: "torch", weights: "int8" })).toMatch(/^--weights: expected --engine onnx/);
  expect(refused({ engine: "torch", device: "webgpu" })).toMatch(/^--device: expected --engine onnx/);
  expect(refused({ dtype: "float32" })).toMatch(/^--dtype needs --engine torch/);
});

test("the device of the command line by default is no choice", () => {
  expect(engineRequest({ engine: "torch", device: "cpu" })).toEqual({ command: "python3" });
  expect(engineRequest({ device: "cpu", weights: "int8" })).toBeUndefined();
});
