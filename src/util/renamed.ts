/** Old names of things: still accepted, with a note on standard error. */

/**
 * The present name of something that may be given by an old one. Using an old name prints the new one on standard error.
 *
 * @example
 * currentName("recipe", "joint", { silent: "joint-no-rationale" }); // "joint"
 */
export function currentName(what: string, name: string, renamed: Readonly<Record<string, string>>): string {
  if (!Object.hasOwn(renamed, name)) return name;
  const current = renamed[name]!;
  process.stderr.write(`note: the ${what} "${name}" is now called "${current}"\n`);
  return current;
}
