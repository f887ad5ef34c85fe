/** What the environment says about the Hub; the same variables as in Python's huggingface_hub. */
import { homedir } from "node:os";
import { join } from "node:path";
import { ensure, lintelVersion } from "../util/index.ts";

export interface HubSettings {
  /** Directory of the cache that all programs share. */
  cache: string;
  /** Address without a slash at its end. */
  endpoint: string;
  token: string | null;
  /** Nothing may be fetched. */
  offline: boolean;
}

const isOn = (value: string | undefined): boolean => /^(1|on|yes|true)$/i.test(value ?? "");

/**
 * The settings that `HF_HUB_CACHE`, `HF_HOME`, `XDG_CACHE_HOME`, `HF_ENDPOINT`, `HF_TOKEN` and `HF_HUB_OFFLINE` make.
 *
 * @example
 * hubSettings({ HF_HOME: "/data/hf", HF_HUB_OFFLINE: "1" }).cache; // "/data/hf/hub"
 */
export function hubSettings(environment: NodeJS.ProcessEnv = process.env): HubSettings {
  const { HF_HUB_CACHE, HF_HOME, XDG_CACHE_HOME, HF_ENDPOINT, HF_TOKEN, HF_HUB_OFFLINE } = environment;
  const home = HF_HOME || join(XDG_CACHE_HOME || join(homedir(), ".cache"), "huggingface");
  return {
    cache: HF_HUB_CACHE || join(home, "hub"),
    endpoint: (HF_ENDPOINT || "https://huggingface.co").replace(/\/+$/, ""),
    token: checkedToken(HF_TOKEN?.trim()),
    offline: isOn(HF_HUB_OFFLINE),
  };
}

/** A token that is no header's value would be quoted whole by whoever refuses it: it is refused here, without its text. */
function checkedToken(token: string | undefined): string | null {
  ensure(!token || /^[\x21-\x7e]+$/.test(token), "usage", () => ({
    where: "HF_TOKEN",
    expected: "a token of printable characters without spaces",
    got: `${token!.length} characters, others among them (a line break within?)`,
    attempt: "copying it again",
  }));
  return token || null;
}

/** Headers of every request. */
export const hubHeaders = ({ token }: HubSettings): Record<string, string> => ({
  "user-agent": `lintel/${lintelVersion()}`,
  ...(token && { authorization: `Bearer ${token}` }),
});
