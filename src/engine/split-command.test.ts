import { expect, it } from "vitest";
import { splitCommand } from "./split-command.ts";

it("splits a command as a shell would, and gives nothing else a meaning", () => {
  for (const [text, parts] of [
    ["python3", ["python3"]],
    ["  ssh  -p 22\tgpu01 /env/bin/python ", ["ssh", "-p", "22", "gpu01", "/env/bin/python"]],
    [`ssh gpu01 "/opt/my env/bin/python"`, ["ssh", "gpu01", "/opt/my env/bin/python"]],
    ["a'b c'd", ["ab cd"]],
    ["a\\ b \\'", ["a b", "'"]],
    [`"say \\"x\\"" '\\n'`, ['say "x"', "\\n"]],
    ["''", [""]],
    ["$HOME `id` ; rm > x | y && z *", ["$HOME", "`id`", ";", "rm", ">", "x", "|", "y", "&&", "z", "*"]],
  ] as const)
    expect(splitCommand(text)).toEqual(parts);
});

it("refuses what is no command", () => {
  for (const text of ["", "  ", "ssh 'gpu01"]) expect(() => splitCommand(text)).toThrow(/--python: expected/);
});
