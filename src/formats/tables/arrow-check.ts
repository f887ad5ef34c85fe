/** Checks of Arrow data, whose lengths a damaged file can make arbitrarily large. */
import type { Data } from "apache-arrow";

/** A column of nulls takes no bytes; more rows than these are not believed. */
const MOST_ROWS = 1 << 24;

/** The type ids of Arrow that are checked in a way of their own. */
const Ids = { bool: 6, struct: 13, fixedSizeList: 16 } as const;

/** Throws `Error` unless a column's buffers hold what its length states, and offsets ascend within what they point into. */
export function checkData(data: Data, name: string): void {
  const { length, offset, nullCount, nullBitmap, valueOffsets, values, children, type, stride } = data;
  const ensureThat = (holds: boolean, what: string): void => {
    if (!holds) throw new Error(`column ${name}: ${what} for ${length} values`);
  };
  ensureThat(Number.isSafeInteger(length) && length >= 0 && length <= MOST_ROWS, "a length out of range");
  const validity = nullBitmap?.length ?? 0;
  ensureThat(
    nullCount <= 0 || validity === 0 || validity * 8 >= offset + length,
    `${validity} bytes of validity`,
  );
  if (valueOffsets && valueOffsets.length > 0) {
    ensureThat(valueOffsets.length > length, `${valueOffsets.length} offsets`);
    const limit = children.length > 0 ? children[0]!.length : values.length;
    let before = 0;
    for (let i = 0; i <= length; i++) {
      const at = Number(valueOffsets[i]);
      ensureThat(at >= before && at <= limit, `an offset of ${at} after ${before} within ${limit}`);
      before = at;
    }
  } else if (children.length === 0 && values) {
    const held = type.typeId === Ids.bool ? values.length * 8 : values.length / (stride || 1);
    ensureThat(held >= length, `room for ${held}`);
  }
  for (const child of children) {
    checkData(child, name);
    if (type.typeId === Ids.struct) ensureThat(child.length >= length, `a field of ${child.length}`);
    if (type.typeId === Ids.fixedSizeList)
      ensureThat(child.length >= length * stride, `lists of ${child.length}`);
  }
}
