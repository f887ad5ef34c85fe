/** Old names of things, which are still accepted. */

/**
 * The present name of something that may be given by an old one.
 *
 * @example
 * currentName("silent", { silent: "joint-no-rationale" }); // "joint-no-rationale"
 */
export const currentName = (name: string, renamed: Readonly<Record<string, string>>): string =>
  Object.hasOwn(renamed, name) ? renamed[name]! : name;

/**
 * What commands print on standard error where an old name was used.
 *
 * @example
 * renamedNote("recipe", "silent", "joint-no-rationale"); // 'the recipe "silent" is now called "joint-no-rationale"'
 */
export const renamedNote = (what: string, old: string, current: string): string =>
  `the ${what} ${JSON.stringify(old)} is now called ${JSON.stringify(current)}`;
