/**
 * The fields of an object whose values are defined.
 *
 * @example
 * defined({ seed: 0, limit: undefined }); // { seed: 0 }
 */
export const defined = <T extends object>(fields: T) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
