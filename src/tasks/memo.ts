/**
 * `make`, which remembers what it made for the last things requested, distinguished by `key`. When `limit` results are
 * held all are forgotten: what is made again is the same.
 */
export function memo<A, V>(key: (of: A) => string | number, make: (of: A) => V, limit: number): (of: A) => V {
  const made = new Map<string | number, V>();
  return (of) => {
    const name = key(of);
    if (made.has(name)) return made.get(name)!;
    if (made.size >= limit) made.clear();
    const result = make(of);
    made.set(name, result);
    return result;
  };
}
