/** The photo's skin completed by the generator's, or the generator's alone. */
export const TEXTURES = ["photo", "generated"] as const;
export type Texture = (typeof TEXTURES)[number];
