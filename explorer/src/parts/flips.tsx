import { count } from "../format.ts";

/** A number of flipped answers, a link to their examples; nothing to follow where it is 0. */
export function Flips({ n, kind, href }: { n: number; kind: "bad" | "good"; href: string }) {
  if (n === 0) return <span class="quiet">0</span>;
  return (
    <a class={`flip ${kind}`} href={href}>
      {count(n)}
    </a>
  );
}
