import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

/** A button that opens a box over the page: one at a time, closed by Esc wherever the cursor is. */
export function Popover({ title, children }: { title: string; children: ComponentChildren }) {
  const box = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    // In the capture phase: Esc closes the box, and not the example behind it.
    const key = (event: KeyboardEvent): void => {
      if (event.key !== "Escape" || !box.current?.open) return;
      event.stopPropagation();
      box.current.open = false;
      if (box.current.contains(document.activeElement)) box.current.querySelector("summary")!.focus();
    };
    window.addEventListener("keydown", key, true);
    return () => window.removeEventListener("keydown", key, true);
  }, []);
  return (
    <details
      class="add"
      ref={box}
      onToggle={() => {
        if (!box.current!.open) return;
        for (const other of document.querySelectorAll<HTMLDetailsElement>("details.add[open]"))
          if (other !== box.current) other.open = false;
      }}
    >
      <summary class="button">{title}</summary>
      {children}
    </details>
  );
}
