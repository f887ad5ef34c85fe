/** Signs of verdicts and views. */
const BEAMS: Record<string, preact.JSX.Element> = {
  "load-bearing": (
    <>
      <path d="M10 0v2.6M8.2 1.2L10 3l1.8-1.8" fill="none" stroke="currentColor" stroke-width="1.2" />
      <path d="M1 4h18v2.6H1zM3 6.6h2.4V14H3zM14.6 6.6H17V14h-2.4z" fill="currentColor" />
    </>
  ),
  starved: (
    <>
      <path
        d="M1.6 4.6h16.8v1.6H1.6z"
        fill="none"
        stroke="currentColor"
        stroke-width="1.1"
        stroke-dasharray="2 1.6"
      />
      <path d="M3 7.4h2.4V14H3zM14.6 7.4H17V14h-2.4z" fill="currentColor" />
    </>
  ),
  bypassed: (
    <>
      <path d="M3 5.4h14V14h-2.4V7.6H5.4V14H3z" fill="currentColor" />
      <path d="M1.6 .8l16.8 1.4-.1 1.5L1.5 2.3z" fill="currentColor" opacity=".55" />
    </>
  ),
  "no-latents": <path d="M3.5 3v11M16.5 3v11" stroke="currentColor" stroke-width="1.1" />,
  inconclusive: (
    <>
      <path d="M1.6 4.6h16.8v1.8H1.6z" fill="none" stroke="currentColor" stroke-width="1.1" />
      <path d="M3.5 7v7M16.5 7v7" stroke="currentColor" stroke-width="1.1" />
    </>
  ),
};

export const Verdict = ({
  verdict,
  note,
  text,
}: {
  verdict: string;
  /** How own latents stand to chance. */
  note?: string | null | undefined;
  text?: string | undefined;
}) => (
  <span class={`verdict ${verdict}`} title={text}>
    <svg width="20" height="14" viewBox="0 0 20 14" aria-hidden="true">
      {BEAMS[verdict]}
    </svg>
    {verdict}
    {note && <small> {note}</small>}
  </span>
);

const SIGNS: Record<string, string> = {
  overview: "M3 13V7M8 13V3M13 13v-4",
  examples: "M2.5 4h11M2.5 8h11M2.5 12h7",
  latents:
    "M4 11.5a1.5 1.5 0 1 0 .01 0M11.5 5a1.5 1.5 0 1 0 .01 0M5.2 9.6l4.8-4M12 12.5a1 1 0 1 0 .01 0M4 4.5a1 1 0 1 0 .01 0",
  compare: "M2.5 3.5h4v9h-4zM9.5 3.5h4v9h-4z",
  dose: "M2 12.5c5 0 6-9 12-9M6.5 9.4a1.4 1.4 0 1 0 .01 0",
  try: "M5 3l8 5-8 5z",
  inside: "M2.5 2.5h4v4h-4zM9.5 2.5h4v4h-4zM2.5 9.5h4v4h-4zM9.5 9.5h4v4h-4z",
  training: "M2 3c2 7 4 9 12 9.5",
  recipes: "M3 13h3V8H3zM7 13h3V4H7zM11 13h3v-7h-3z",
};

export const Sign = ({ name }: { name: string }) => (
  <svg
    class="sign"
    width="18"
    height="18"
    viewBox="0 0 16 16"
    fill="none"
    stroke="currentColor"
    stroke-width="1.5"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
  >
    <path d={SIGNS[name] ?? ""} />
  </svg>
);

export const Logo = () => (
  <svg width="24" height="19" viewBox="0 0 20 16" aria-hidden="true">
    <path d="M1 3h18v3.4H1z" fill="var(--own)" />
    <path d="M3 7h3v8H3zM14 7h3v8h-3z" fill="currentColor" />
  </svg>
);
