import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { LintelError } from "../../util/index.ts";
import { configJson, parseConfig } from "./config-json.ts";

type Json = Record<string, unknown>;
const read = (path: string): Json =>
  JSON.parse(
    readFileSync(new URL(`../../../test/goldens/${path}/config.json`, import.meta.url), "utf8"),
  ) as Json;
const flat = (): Json => read("qwen/tiny-tied");
const nested = (): Json => read("checkpoints/transformers-5.24.0/qwen2_5-tied-bf16");
const third = (): Json => read("checkpoints/transformers-5.24.0/qwen3-untied");

/** `config` with keys of its text level changed. */
const withText = (config: Json, change: Json): Json =>
  config.text_config
    ? { ...config, text_config: { ...(config.text_config as Json), ...change } }
    : { ...config, ...change };
const said = (config: Json): [number, number[]] => {
  const { ropeTheta, mropeSection } = parseConfig(config, "config.json").text;
  return [ropeTheta, mropeSection];
};
const section = [2, 1, 1];

describe("rotary positions", () => {
  it.each<[string, () => Json, [number, number[]]]>([
    ["4: flat", flat, [1e6, [2, 3, 3]]],
    ["4: nested", () => read("checkpoints/transformers-4.57.1/qwen2_5-tied-bf16"), [12345, section]],
    ["5: rope_parameters", nested, [12345, section]],
    ["5: Qwen3-VL", third, [5e6, [4, 2, 2]]],
    [
      "5: at the top",
      () => {
        const { rope_scaling, rope_theta, ...rest } = flat();
        return { ...rest, rope_parameters: { ...(rope_scaling as Json), rope_theta } };
      },
      [1e6, [2, 3, 3]],
    ],
    [
      "rope_scaling that holds rope_theta",
      () =>
        withText(nested(), {
          rope_parameters: null,
          rope_scaling: { rope_type: "default", rope_theta: 7, mrope_section: section },
        }),
      [7, section],
    ],
    [
      "rope_scaling beside rope_parameters, each with one of the two",
      () =>
        withText(nested(), { rope_parameters: { rope_theta: 7 }, rope_scaling: { mrope_section: section } }),
      [7, section],
    ],
    ["both places, agreeing", () => withText(nested(), { rope_theta: 12345 }), [12345, section]],
    ["a copy at the top, agreeing", () => ({ ...nested(), rope_theta: 12345 }), [12345, section]],
    [
      "Qwen3-VL without sections: both versions take 24, 20, 20",
      () => ({
        ...withText(third(), { rope_parameters: { rope_theta: 9 }, head_dim: 128 }),
      }),
      [9, [24, 20, 20]],
    ],
  ])("%s", (_name, config, expected) => expect(said(config())).toEqual(expected));

  it.each<[string, () => Json, RegExp]>([
    [
      "no base beside rope_scaling",
      () =>
        withText(nested(), {
          rope_parameters: null,
          rope_scaling: { type: "mrope", mrope_section: section },
        }),
      /expected rope_theta in text_config.rope_parameters or as text_config.rope_theta, got neither, and versions/,
    ],
    [
      "no base of Qwen3-VL",
      () => withText(third(), { rope_parameters: { rope_type: "default", mrope_section: [4, 2, 2] } }),
      /expected rope_theta/,
    ],
    ["nothing at all", () => withText(third(), { rope_parameters: null }), /expected rope_theta/],
    [
      "no sections of Qwen2.5-VL",
      () => withText(nested(), { rope_parameters: { rope_theta: 5 } }),
      /expected mrope_section in .*got text_config.rope_parameters without it/,
    ],
    [
      "two bases",
      () => withText(nested(), { rope_theta: 1e6 }),
      /the same value in every field that holds it, got text_config.rope_theta 1000000 and text_config.rope_parameters.rope_theta 12345/,
    ],
    ["another base at the top", () => ({ ...nested(), rope_theta: 1e6 }), /12345 and rope_theta 1000000/],
    [
      "two lists of sections",
      () => withText(nested(), { rope_scaling: { type: "mrope", mrope_section: [1, 2, 1] } }),
      /\[1,2,1\] and .*\[2,1,1\]/,
    ],
    [
      "scaled positions of 5",
      () =>
        withText(nested(), {
          rope_parameters: { rope_type: "yarn", rope_theta: 5, factor: 4, mrope_section: section },
        }),
      /text_config.rope_parameters: expected rotary positions of type "mrope" or "default", got "yarn"/,
    ],
    [
      "one type that is plain, one that is not",
      () =>
        withText(nested(), {
          rope_parameters: { type: "mrope", rope_type: "linear", rope_theta: 5, mrope_section: section },
        }),
      /got "linear"/,
    ],
    [
      "a record for each kind of layer",
      () =>
        withText(nested(), {
          rope_parameters: { full_attention: { rope_theta: 5, mrope_section: section } },
        }),
      /rotary positions by kind of layer/,
    ],
    [
      "part of a head",
      () =>
        withText(nested(), {
          rope_parameters: { rope_theta: 5, partial_rotary_factor: 0.5, mrope_section: section },
        }),
      /partial_rotary_factor: only full rotation/,
    ],
    [
      "a base that is none",
      () => withText(nested(), { rope_parameters: { rope_theta: "1e6" } }),
      /rope_theta/,
    ],
    ["a base of zero", () => withText(nested(), { rope_theta: 0 }), /rope_theta/],
    [
      "another base in the vision tower",
      () => ({
        ...nested(),
        vision_config: {
          ...(nested().vision_config as Json),
          rope_parameters: { rope_theta: 5e5, rope_type: "axial" },
        },
      }),
      /vision_config.rope_parameters.rope_theta: only rotary positions of base 10000/,
    ],
    [
      "layers that slide",
      () => withText(nested(), { layer_types: ["full_attention", "sliding_attention"] }),
      /layer_types.1: only layers with full attention/,
    ],
  ])("refuses %s", (_name, config, error) => {
    expect(() => parseConfig(config(), "config.json")).toThrow(LintelError);
    expect(() => parseConfig(config(), "config.json")).toThrow(error);
  });

  it.each([flat, nested, third])("are written once, in the form that both versions read (%#)", (make) => {
    const written = configJson(parseConfig(make(), "c"));
    expect(JSON.stringify(written)).not.toContain("rope_parameters");
    expect(said(JSON.parse(JSON.stringify(written)) as Json)).toEqual(said(make()));
  });
});
