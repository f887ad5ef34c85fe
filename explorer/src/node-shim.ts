/**
 * What the model's code imports of Node but does not use in a page: reading and writing files. A call says so; paths are
 * joined for messages only.
 */
const refuse = (): never => {
  throw new Error("There are no files in a page.");
};
export const join = (...parts: string[]): string => parts.join("/");
export const fileURLToPath = (url: string): string => url;
export const existsSync = (): boolean => false;
export const isMainThread = true;
export const parentPort = null;
export const workerData = null;
export default refuse;
