import type { Page } from "playwright-core";

export function seriousFaults(page: Page): Promise<[id: string, html: string][]>;
