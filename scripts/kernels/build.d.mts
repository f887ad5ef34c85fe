/** Base64 of the compiled module. */
export function compile(): Promise<string>;
