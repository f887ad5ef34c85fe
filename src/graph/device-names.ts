/** What graphs can run on. */
export const devices = ["cpu", "cuda", "webgpu"] as const;

export type Device = (typeof devices)[number];
