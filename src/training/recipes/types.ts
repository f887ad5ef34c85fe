/** How a model is trained. */
export interface Recipe {
  description: string;
  source: string;
  /** Responses hold latent blocks, their slots filled with oracle latents. */
  latents: boolean;
  /** Weight γ of the mean squared error between hidden states and oracle latents; null without latents. */
  latentWeight: number | null;
}
