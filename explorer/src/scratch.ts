/** Instead of src/formats/files/scratch.ts, as a page has no temporary files: everything stays in memory. */

export function openScratch<T>(): { put(value: T): number; get(place: number): T } {
  const values: T[] = [];
  return { put: (value) => values.push(value) - 1, get: (place) => values[place]! };
}

export const lightened =
  <T extends object>(): ((whole: T) => T) =>
  (whole) =>
    whole;

export function lightWithout<T extends object, K extends keyof T & string>(object: T, field: K): Omit<T, K> {
  const { [field]: _, ...rest } = object;
  return rest;
}
