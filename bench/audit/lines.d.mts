interface Timed {
  spent: number;
  cpu: number;
  prefills: number;
  steps: number;
}
interface Run {
  own: Timed;
  all: Timed;
  examples: number;
  prompt: number;
  parameters: number;
  threads: number;
}
interface Peer {
  spent?: number;
  examples?: number;
  torch?: string;
  transformers?: string;
  error?: string;
}
type Versions = Readonly<Record<string, string | null>>;
type Line = Record<string, unknown>;
export function costLine(name: string, run: Run, versions: Versions): Line;
export function separateLine(name: string, run: Run, peer: Peer, versions: Versions): Line;
