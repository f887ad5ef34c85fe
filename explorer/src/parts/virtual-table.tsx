/** A list of any length of which only the visible rows are in the page (@tanstack/virtual-core). */

import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from "@tanstack/virtual-core";
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { plural, count as total } from "../format.ts";
import { Command } from "./prose.tsx";

interface Props {
  count: number;
  height: number;
  /** Row at the cursor; −1 for none. */
  active: number;
  label: string;
  head: ComponentChildren;
  row: (index: number) => ComponentChildren;
  onMove: (index: number) => void;
  onOpen: (index: number) => void;
}

export function VirtualTable({ count, height, active, label, head, row, onMove, onOpen }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [, redraw] = useState(0);
  const virtual = useRef<Virtualizer<HTMLDivElement, HTMLDivElement>>(null);
  const options = {
    count,
    getScrollElement: () => box.current,
    estimateSize: () => height,
    overscan: 24,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    initialRect: { width: 800, height: 900 },
    onChange: () => redraw((n) => n + 1),
  };
  if (!virtual.current) virtual.current = new Virtualizer<HTMLDivElement, HTMLDivElement>(options);
  virtual.current.setOptions(options);
  useLayoutEffect(() => virtual.current!._didMount(), []);
  useLayoutEffect(() => virtual.current!._willUpdate());
  useEffect(() => {
    if (active >= 0) virtual.current!.scrollToIndex(active, { align: "auto" });
  }, [active, count]);
  const page = Math.max(1, Math.floor((box.current?.clientHeight ?? 400) / height) - 2);
  const steps: Record<string, number> = {
    ArrowDown: 1,
    ArrowUp: -1,
    j: 1,
    k: -1,
    PageDown: page,
    PageUp: -page,
    Home: -count,
    End: count,
  };
  const key = (event: KeyboardEvent): void => {
    const step = steps[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (step !== undefined && count > 0) {
      event.preventDefault();
      onMove(Math.max(0, Math.min(count - 1, active + (active < 0 ? Math.max(step, 1) : step))));
    } else if (event.key === "Enter" && active >= 0) onOpen(active);
  };
  const items = virtual.current.getVirtualItems();
  return (
    <div
      class="grid"
      role="grid"
      aria-label={label}
      aria-rowcount={count + 1}
      tabIndex={0}
      ref={box}
      onKeyDown={key}
      aria-activedescendant={active >= 0 ? `row-${active}` : undefined}
    >
      <div role="row" class="grid-head" aria-rowindex={1}>
        {head}
      </div>
      <div class="grid-body" role="rowgroup" style={{ height: `${virtual.current.getTotalSize()}px` }}>
        {items.map(({ index, start }) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the grid answers the keys for its rows
          <div
            key={index}
            id={`row-${index}`}
            role="row"
            aria-rowindex={index + 2}
            aria-selected={index === active}
            class={index === active ? "grid-row active" : "grid-row"}
            style={{ transform: `translateY(${start}px)`, height: `${height}px` }}
            onClick={() => onOpen(index)}
          >
            {row(index)}
          </div>
        ))}
      </div>
      <p class="print-only quiet">
        {plural(items.length, "row")} of {total(count)}, those that were on the screen. All of them:{" "}
        <Command text="lintel outcomes DIR --csv FILE" />.
      </p>
    </div>
  );
}
