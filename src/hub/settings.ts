/** Hub settings from environment variables, the same as in Python's huggingface_hub. */
import { homedir } from "node:os";
import { join } from "node:path";
import { ensure, lintelVersion } from "../util/index.ts";

/** Proxies from the environment, as in curl and Python; empty for none. */
interface ProxySettings {
  /** Proxy URL for http:// URLs. */
  http: string;
  /** Proxy URL for https:// URLs. */
  https: string;
  /** Hosts without proxy: comma-separated names, domains, `host:port`; `*` for all. */
  none: string;
}

/** Timeouts and retry pause in milliseconds. */
export interface HubLimits {
  /** From the request to the response headers, including DNS, connection, proxy and redirects. Default 30 s. */
  answer: number;
  /** Period in which a body must deliver at least 64 KiB or end. Default 60 s. */
  stall: number;
  /** From the first to the last byte of a listing. Default 60 s. */
  listing: number;
  /** Before the first retry; doubled for each further one, up to 8 s. Default 250. */
  pause: number;
}

export interface HubSettings {
  /** Directory of the shared cache. */
  cache: string;
  /** URL without trailing slash. */
  endpoint: string;
  token: string | null;
  /** Downloads are disabled. */
  offline: boolean;
  /** Default: none. */
  proxies?: ProxySettings;
  limits?: Partial<HubLimits>;
}

const isOn = (value: string | undefined): boolean => /^(1|on|yes|true)$/i.test(value ?? "");

const schemes: readonly string[] = ["http:", "https:", "socks5:", "socks:"];

/** A proxy URL with its scheme. */
function proxyAddress(name: string, value: string): string {
  if (value === "") return "";
  // curl and Python treat an address without a scheme as http
  const address = /^[a-z][\w+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  const url = URL.canParse(address) ? new URL(address) : null;
  ensure(url && schemes.includes(url.protocol), "usage", () => ({
    where: name,
    expected: "a proxy URL such as http://host:port",
    // the URL may contain a password
    got: url ? `a URL with the scheme ${url.protocol}` : "an invalid URL",
  }));
  return address;
}

/** Proxies from `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`; lowercase names take precedence. */
function proxiesOf(environment: NodeJS.ProcessEnv): ProxySettings {
  const named = (name: string): string => (environment[name.toLowerCase()] ?? environment[name] ?? "").trim();
  const of = (name: string): string => {
    const own = named(name);
    return own ? proxyAddress(name, own) : proxyAddress("ALL_PROXY", named("ALL_PROXY"));
  };
  return { http: of("HTTP_PROXY"), https: of("HTTPS_PROXY"), none: named("NO_PROXY") };
}

/** The token, without surrounding white space, such as a line break from a file. */
function tokenOf(value: string | undefined): string | null {
  const token = (value ?? "").trim();
  ensure(/^[\x21-\x7e]*$/.test(token), "usage", () => ({
    where: "HF_TOKEN",
    value: true,
    expected: "a token in printable ASCII without spaces",
    got: `${token.length} characters, some of them invalid`,
  }));
  return token || null;
}

function endpointOf(value: string | undefined): string {
  const endpoint = (value?.trim() || "https://huggingface.co").replace(/\/+$/, "");
  const url = URL.canParse(endpoint) ? new URL(endpoint) : null;
  ensure(url && /^https?:$/.test(url.protocol) && !url.username && !url.password, "usage", () => ({
    where: "HF_ENDPOINT",
    value: true,
    expected: "a URL that starts with https:// or http://, without user name and password",
    got: url ? `a URL with the scheme ${url.protocol}` : JSON.stringify(endpoint.slice(0, 80)),
  }));
  return endpoint;
}

/**
 * The settings from `HF_HUB_CACHE`, `HF_HOME`, `XDG_CACHE_HOME`, `HF_ENDPOINT`, `HF_TOKEN`, `HF_HUB_OFFLINE`,
 * `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`. Throws `LintelError` "usage" for an invalid URL or token.
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

/** Headers of a request to `url`. The token is sent to the origin of the endpoint only, never along redirects elsewhere. */
export const hubHeaders = ({ token, endpoint }: HubSettings, url: URL): Record<string, string> => ({
  "user-agent": `lintel/${lintelVersion()}`,
  ...(token && url.origin === new URL(endpoint).origin && { authorization: `Bearer ${token}` }),
});
