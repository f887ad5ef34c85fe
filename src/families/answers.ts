/** Answer readers: the rules of the families' evaluations, and a careful one. */
export * from "./answers/boxed.ts";
export * from "./answers/careful/index.ts";
export * from "./answers/coconut.ts";
export * from "./answers/ilvr.ts";
export * from "./answers/lantern.ts";
export * from "./answers/livr.ts";
export * from "./answers/lvr.ts";
export * from "./answers/named.ts";
export * from "./answers/readers.ts";
export * from "./answers/similarity.ts";
export * from "./answers/types.ts";
export * from "./answers/vlmevalkit.ts";
