/** Weights of an image's tokens, drawn on it. */
import { useEffect, useRef } from "preact/hooks";

export function Heat({
  values,
  most,
  columns,
  label,
}: {
  values: Float32Array;
  /** The weight that is drawn full. */
  most: number;
  columns: number;
  label: string;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const rows = values.length / columns;
  useEffect(() => {
    const ink = canvas.current!.getContext("2d")!;
    const image = ink.createImageData(columns, rows);
    for (const [i, value] of values.entries())
      image.data.set([214, 40, 20, Math.round((value / most) * 215)], i * 4);
    ink.putImageData(image, 0, 0);
  });
  return (
    <canvas
      class="heat"
      ref={canvas}
      width={columns}
      height={rows}
      role="img"
      aria-label={label}
      title={label}
    />
  );
}
