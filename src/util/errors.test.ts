import { expect, test } from "vitest";
import { LintelError } from "./errors.ts";

const parts = { where: "a.json", expected: "JSON", got: "an empty file" };

test("the message is a sentence, with what to try where that is known", () => {
  expect(new LintelError("input", parts).message).toBe("a.json: expected JSON, got an empty file");
  expect(new LintelError("input", { ...parts, attempt: "another file" }).message).toBe(
    "a.json: expected JSON, got an empty file. Try another file",
  );
  const value = { where: "key x", expected: "a number", got: '"1"', value: true };
  expect(new LintelError("input", value).message).toBe('key x must be a number, got "1"');
  expect(new LintelError("input", { ...parts, message: "a.json is empty." }).message).toBe(
    "a.json is empty.",
  );
});

test("programs get the fields, a stable id and the code, without the cause", () => {
  const cause = new Error("no such file");
  const error = new LintelError("input", { ...parts, cause });
  expect(JSON.parse(JSON.stringify({ error }))).toEqual({
    error: { id: "E_INPUT", code: "input", message: error.message, ...parts },
  });
  expect(error.cause).toBe(cause);
  expect(new LintelError("output", { ...parts, id: "E_LOCKED" }).id).toBe("E_LOCKED");
  expect(new LintelError("dataset", { ...parts, value: true }).id).toBe("E_INVALID_VALUE");
});
