export * from "./attention.ts";
export * from "./config.ts";
export * from "./decoder.ts";
export * from "./pocket-config.ts";
export * from "./rope.ts";
export * from "./vision-layout.ts";
