export * from "./atomic.ts";
export * from "./image.ts";
export * from "./journal.ts";
export * from "./json.ts";
export * from "./parquet.ts";
export * from "./png.ts";
export * from "./safetensors.ts";
export * from "./safetensors-write.ts";
