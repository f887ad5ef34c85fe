import { expect, test } from "vitest";
import { checkSchemaVersion, SCHEMA_VERSION, withSchemaVersion } from "./schema-version.ts";

test("documents of this version, older ones and those without a version are read", () => {
  for (const document of [withSchemaVersion({}), { schemaVersion: 0 }, {}, null, [], "text"])
    expect(() => checkSchemaVersion(document, "a.json")).not.toThrow();
});

test("a newer document is refused by its name", () => {
  const newer = { schemaVersion: SCHEMA_VERSION + 1 };
  expect(() => checkSchemaVersion(newer, "a.json")).toThrow(
    expect.objectContaining({
      id: "E_NEWER_VERSION",
      message: expect.stringMatching(/^a\.json: .*updating Lintel$/),
    }),
  );
});
