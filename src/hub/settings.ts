/** What the environment says about the Hub; the same variables as in Python's huggingface_hub. */
import { homedir } from "node:os";
import { join } from "node:path";
import { ensure, lintelVersion } from "../util/index.ts";

/** Proxies as curl and Python read them from the environment; empty where there is none. */
export interface ProxySettings {
  /** Address of the proxy for http:// addresses. */
  http: string;
  /** Address of the proxy for https:// addresses. */
  https: string;
  /** Hosts that are reached without one: names, domains, `host:port`, separated by commas; `*` for all. */
  none: string;
}

/** Milliseconds: after which a connection is given up, and before it is tried again. */
export interface HubLimits {
  /** From the request to the head of the answer: name, connection, proxy and redirects included. Default 30 s. */
  answer: number;
  /** Within which a body must bring at least 64 KiB or end. Default 60 s. */
  stall: number;
  /** From the first byte of a listing to its last. Default 60 s. */
  listing: number;
  /** Before the first repetition; doubled before each further one, up to 8 s. Default 250. */
  pause: number;
}

export interface HubSettings {
  /** Directory of the cache that all programs share. */
  cache: string;
  /** Address without a slash at its end. */
  endpoint: string;
  token: string | null;
  /** Nothing may be fetched. */
  offline: boolean;
  /** Default: none. */
  proxies?: ProxySettings;
  limits?: Partial<HubLimits>;
}

const isOn = (value: string | undefined): boolean => /^(1|on|yes|true)$/i.test(value ?? "");

const schemes: readonly string[] = ["http:", "https:", "socks5:", "socks:"];

/** An address of a proxy, with a scheme. */
function proxyAddress(name: string, value: string): string {
  if (value === "") return "";
  // curl and Python take an address without a scheme as one of http
  const address = /^[a-z][\w+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  const url = URL.canParse(address) ? new URL(address) : null;
  ensure(url && schemes.includes(url.protocol), "usage", () => ({
    where: name,
    expected: "the address of a proxy, as http://host:port",
    // the address may hold a password
    got: url ? `one of the scheme ${url.protocol}` : "something else",
  }));
  return address;
}

/** Proxies by `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`; the names in lower case come first. */
function proxiesOf(environment: NodeJS.ProcessEnv): ProxySettings {
  const named = (name: string): string => (environment[name.toLowerCase()] ?? environment[name] ?? "").trim();
  const of = (name: string): string => {
    const own = named(name);
    return own ? proxyAddress(name, own) : proxyAddress("ALL_PROXY", named("ALL_PROXY"));
  };
  return { http: of("HTTP_PROXY"), https: of("HTTPS_PROXY"), none: named("NO_PROXY") };
}

/** The token, which may end with a line break where it was read from a file. */
function tokenOf(value: string | undefined): string | null {
  const token = (value ?? "").trim();
  ensure(/^[\x21-\x7e]*$/.test(token), "usage", () => ({
    where: "HF_TOKEN",
    value: true,
    expected: "a token in printable ASCII without spaces",
    got: `${token.length} characters, others among them`,
  }));
  return token || null;
}

function endpointOf(value: string | undefined): string {
  const endpoint = (value?.trim() || "https://huggingface.co").replace(/\/+$/, "");
  const url = URL.canParse(endpoint) ? new URL(endpoint) : null;
  ensure(url && /^https?:$/.test(url.protocol) && !url.username && !url.password, "usage", () => ({
    where: "HF_ENDPOINT",
    value: true,
    expected: "an address that begins with https:// or http://, without a name and password",
    got: url ? `one of the scheme ${url.protocol}` : JSON.stringify(endpoint.slice(0, 80)),
  }));
  return endpoint;
}

/**
 * The settings that `HF_HUB_CACHE`, `HF_HOME`, `XDG_CACHE_HOME`, `HF_ENDPOINT`, `HF_TOKEN`, `HF_HUB_OFFLINE`,
 * `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` make. Throws `LintelError` "usage" for an address or a token
 * that is none.
 *
 * @example
 * hubSettings({ HF_HOME: "/data/hf", HF_HUB_OFFLINE: "1" }).cache; // "/data/hf/hub"
 */
export function hubSettings(environment: NodeJS.ProcessEnv = process.env): HubSettings {
  const { HF_HUB_CACHE, HF_HOME, XDG_CACHE_HOME, HF_ENDPOINT, HF_TOKEN, HF_HUB_OFFLINE } = environment;
  const home = HF_HOME || join(XDG_CACHE_HOME || join(homedir(), ".cache"), "huggingface");
  return {
    cache: HF_HUB_CACHE || join(home, "hub"),
    endpoint: endpointOf(HF_ENDPOINT),
    token: tokenOf(HF_TOKEN),
    offline: isOn(HF_HUB_OFFLINE),
    proxies: proxiesOf(environment),
  };
}

/** Headers of a request to `url`. The token is for the endpoint's own origin: no redirect takes it elsewhere. */
export const hubHeaders = ({ token, endpoint }: HubSettings, url: URL): Record<string, string> => ({
  "user-agent": `lintel/${lintelVersion()}`,
  ...(token && url.origin === new URL(endpoint).origin && { authorization: `Bearer ${token}` }),
});
