import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parseConfig } from "../config/config-json.ts";
import { parseGenerationConfig } from "../config/generation-config.ts";
import { parseProcessorConfig } from "../processor/processor-config.ts";
import { chatTemplate } from "./chat-template.ts";
import { errorOf, pocket } from "./hostile.fixture.ts";

const scratch = mkdtempSync(join(tmpdir(), "lintel-texts-"));
afterAll(() => rmSync(scratch, { recursive: true }));

const messages = [{ role: "user", content: "What is it?" }] as const;
const render = (source: string): string => chatTemplate(source, {}, "template")(messages, true);

describe("a chat template", () => {
  const doubling = '{% set ns = namespace(s="ab") %}';
  const nested = (n: number, range: string, body = "x"): string =>
    `${`{% for i in range(${range}) %}`.repeat(n)}${body}${"{% endfor %}".repeat(n)}`;
  it.each<[string, string]>([
    ["a range of 10^7", nested(1, "10**7").replace("10**7", "10000000")],
    ["a range of 10^9", nested(1, "1000000000")],
    ["a range of 10^15", nested(1, "1000000000000000")],
    ["a range downwards", nested(1, "0, -1000000000, -1")],
    ["a range with tiny steps", nested(1, "0, 1, 0.000000001")],
    ["a range that is only kept", "{% set x = range(1000000000) %}"],
    ["a range in a condition", "{% if range(1000000000) %}x{% endif %}"],
    ["a range through a filter", "{{ range(100000000) | length }}"],
    ["nested loops", nested(4, "1000")],
    ["nested loops without bodies", nested(6, "1000", "")],
    [
      "nested loops over letters",
      `${`{% for a in "${"x".repeat(3000)}" | list %}`.repeat(3)}x${"{% endfor %}".repeat(3)}`,
    ],
    ["a macro that calls itself", "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}"],
    [
      "two macros that call each other",
      "{% macro f() %}{{ g() }}{% endmacro %}{% macro g() %}{{ f() }}{% endmacro %}{{ f() }}",
    ],
    [
      "a macro that calls itself twice",
      "{% macro f(n) %}{% if n > 0 %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) }}",
    ],
    [
      "a text that doubles",
      `${doubling}{% for i in range(40) %}{% set ns.s = ns.s + ns.s %}{% endfor %}{{ ns.s }}`,
    ],
    [
      "a text that doubles by ~",
      `${doubling}{% for i in range(40) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}`,
    ],
    [
      "a list that doubles",
      "{% set ns = namespace(l=[1, 2]) %}{% for i in range(40) %}{% set ns.l = ns.l + ns.l %}{% endfor %}",
    ],
    [
      "replacements that explode",
      `${doubling}{% for i in range(20) %}{% set ns.s = ns.s | replace("a", "aaaaaaaa") %}{% endfor %}`,
    ],
    ["an output of megabytes", `{% for i in range(100000) %}${"x".repeat(400)}{% endfor %}`],
    ["an indentation of 10^9", '{{ "a\nb" | indent(1000000000) }}'],
    [
      "joins that explode",
      `{% set ns = namespace(s="ab") %}{% for i in range(30) %}{% set ns.s = [ns.s, ns.s, ns.s] | join("") %}{% endfor %}`,
    ],
    ["a source of 50 MB", "x".repeat(50 << 20)],
    ["a source of a million braces", "{{".repeat(500_000)],
    ["parentheses 100,000 deep", `{{ ${"(".repeat(100_000)}1${")".repeat(100_000)} }}`],
    [
      "conditions 100,000 deep",
      `${"{% if true %}".repeat(60_000)}x${"{% endif %}".repeat(60_000)}`.slice(0, 1 << 20),
    ],
    ["lists 50,000 deep", `{{ ${"[".repeat(50_000)}${"]".repeat(50_000)} }}`],
    ["a text without an end", `{{ "${"x".repeat(1000)} }}`],
    ["an unknown function", "{{ open('/etc/passwd') }}"],
    ["an unknown filter", "{{ 'x' | system }}"],
    ["the prototype", "{{ messages.constructor.constructor('return process')() }}"],
    ["an exception of its own", "{{ raise_exception('no') }}"],
  ])("with %s is refused", (_name, source) => {
    const error = errorOf(() => render(source));
    expect([error.code, error.parts.where]).toEqual(["checkpoint", "template"]);
  });

  it("of ordinary kinds renders as before", () => {
    expect(
      render(
        "{% for m in messages %}<{{ m.role }}>{{ m['content'] | trim }}{% endfor %}{% if add_generation_prompt %}<a>{% endif %}",
      ),
    ).toBe("<user>What is it?<a>");
    expect(
      render("{% for i in range(3) %}{{ i }}{% endfor %}{% for i in range(4, 0, -2) %}{{ i }}{% endfor %}"),
    ).toBe("01242");
    expect(render("{{ true }}{{ True and not False }}{{ none is none }}")).toBe("truetruetrue");
    expect(render("{{ strftime_now('%Y') | length }}")).toBe("4");
  });
});

describe("a configuration", () => {
  it("is accepted without changes", () => {
    expect(parseConfig(pocket({}), "c").text.layers).toBe(2);
  });
  it.each<[string, object, object, RegExp]>([
    ["a million layers", { num_hidden_layers: 1e6 }, {}, /num_hidden_layers/],
    ["10^15 layers", { num_hidden_layers: 1e15 }, {}, /num_hidden_layers/],
    ["a width of 10^12", { hidden_size: 1e12 }, {}, /hidden_size/],
    ["10^9 heads", { num_attention_heads: 1e9 }, {}, /num_attention_heads/],
    ["a vocabulary of 10^12", { vocab_size: 1e12 }, {}, /vocab_size/],
    ["a vision tower of 10^6 blocks", {}, { depth: 1e6 }, /vision_config.depth/],
    ["patches of 10^9 pixels", {}, { patch_size: 1e9 }, /patch_size/],
    ["a merge size of 10^9", {}, { spatial_merge_size: 1e9 }, /spatial_merge_size/],
    ["an infinite width", { hidden_size: Number.POSITIVE_INFINITY }, {}, /hidden_size/],
    ["half a layer", { num_hidden_layers: 0.5 }, {}, /num_hidden_layers/],
    ["a negative width", { hidden_size: -64 }, {}, /hidden_size/],
    ["a text for a number", { hidden_size: "64" }, {}, /hidden_size/],
    ["a list for an object", {}, { depth: [1] }, /depth/],
  ])("with %s names the key", (_name, change, vision, message) => {
    expect(errorOf(() => parseConfig(pocket(change, vision), "c")).message).toMatch(message);
  });

  it.each<[string, () => unknown, RegExp]>([
    ["min_pixels of 10^8", () => parseProcessorConfig({ min_pixels: 1e8 }, "p"), /min_pixels/],
    ["max_pixels of 10^12", () => parseProcessorConfig({ max_pixels: 1e12 }, "p"), /max_pixels/],
    ["a merge size of 10^6", () => parseProcessorConfig({ merge_size: 1e6 }, "p"), /merge_size/],
    ["patches of 10^6 pixels", () => parseProcessorConfig({ patch_size: 1e6 }, "p"), /patch_size/],
    [
      "more least pixels than most",
      () => parseProcessorConfig({ min_pixels: 9000, max_pixels: 8000 }, "p"),
      /min_pixels/,
    ],
    [
      "a million ends",
      () => parseGenerationConfig({ eos_token_id: Array(1e6).fill(1) }, {}, "g"),
      /eos_token_id/,
    ],
    [
      "a penalty of 10^300",
      () => parseGenerationConfig({ repetition_penalty: 1e300 }, {}, "g"),
      /repetition_penalty/,
    ],
    [
      "a penalty of 10^-300",
      () => parseGenerationConfig({ repetition_penalty: 1e-300 }, {}, "g"),
      /repetition_penalty/,
    ],
  ])("of images or generation with %s names the key", (_name, work, message) => {
    expect(errorOf(work).message).toMatch(message);
  });
});
