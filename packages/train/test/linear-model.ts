/** A small linear model by regions of faces that vary in tone and at two places, for tests. */
import {
  type RegionalModel,
  randomNormals,
  randomUniform,
  shrinkTexture,
  type TextureMap,
  trainRegionalModel,
} from "@ganfit/core";

export interface SmallLinearModel {
  readonly model: RegionalModel;
  /** Of the faces that the model was made of, with finer detail than it has. */
  readonly mean: TextureMap;
}

/**
 * @param size texels along each side
 * @param last of the mean
 */
export function smallLinearModel(size: number, last: number): SmallLinearModel {
  const people = 8;
  const normal = randomNormals(people * 3, 5);
  const grain = symmetricGrain(last);
  const mean = new Float32Array(3 * last * last);
  const maps = Array.from({ length: people }, (_, k): TextureMap => {
    const [tone, brow, chin] = [normal[3 * k]!, normal[3 * k + 1]!, normal[3 * k + 2]!];
    const colour = new Float32Array(3 * last * last);
    for (let i = 0; i < colour.length; i++) {
      const texel = Math.floor(i / 3);
      const [u, v] = [((texel % last) + 0.5) / last, (Math.floor(texel / last) + 0.5) / last];
      const blob = (x: number, y: number) => Math.exp(-((u - x) ** 2 + (v - y) ** 2) / 0.02);
      const features =
        0.06 * brow * (blob(0.3, 0.36) + blob(0.7, 0.36)) + 0.06 * chin * blob(0.5, 0.8);
      colour[i] = 0.6 - 0.1 * (i % 3) + 0.05 * tone + 0.1 * v + features + grain[texel]!;
      mean[i]! += colour[i]! / people;
    }
    return { size: last, colour };
  });
  const model = trainRegionalModel(
    maps.map((map) => shrinkTexture(map, last / size)),
    { globalComponents: 2, pairComponents: 1 },
  );
  return { model, mean: { size: last, colour: mean } };
}

function symmetricGrain(size: number): Float32Array {
  const random = randomUniform(9);
  const half = Float32Array.from({ length: (size * size) / 2 }, () => 0.04 * (random() - 0.5));
  return Float32Array.from({ length: size * size }, (_, i) => {
    const column = Math.min(i % size, size - 1 - (i % size));
    return half[(Math.floor(i / size) * size) / 2 + column]!;
  });
}
