/** The views, in the order of the menu. */
import type { ComponentType } from "preact";
import type { RunContent } from "../../../src/explorer/types.ts";
import type { Place } from "../state.ts";
import { Compare } from "./compare.tsx";
import { Dose } from "./dose.tsx";
import { Examples } from "./examples.tsx";
import { Inside } from "./inside.tsx";
import { Latents } from "./latents.tsx";
import { Overview } from "./overview.tsx";
import { Recipes } from "./recipes.tsx";
import { Training } from "./training.tsx";
import { Try } from "./try.tsx";

interface View {
  name: string;
  title: string;
  component: ComponentType<{ run: RunContent; place: Place; beat: number }>;
  /** Fills the window, and scrolls within. */
  full?: true;
}

export const views: readonly View[] = [
  { name: "overview", title: "Overview", component: Overview },
  { name: "examples", title: "Examples", component: Examples, full: true },
  { name: "latents", title: "Latents", component: Latents },
  { name: "inside", title: "Inside", component: Inside },
  { name: "compare", title: "Compare", component: Compare },
  { name: "dose", title: "Dose", component: Dose },
  { name: "try", title: "Try it", component: Try },
  { name: "training", title: "Training", component: Training },
  { name: "recipes", title: "Recipes", component: Recipes },
];
