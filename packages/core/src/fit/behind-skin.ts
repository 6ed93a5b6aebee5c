// What the second rendering shows where skin is not: eyes, teeth, the inside of the mouth, a wall. Roughly shaded, for it
// is drawn at every iteration, and no gradient comes from there: the fine pictures are portrait's.

import { sampleImage } from "../image/sample.js";
import { eyeTexture } from "../models/eyes.js";
import { PART_MATERIALS, partColour, surfaceCoordinates } from "../models/part-materials.js";
import type { TexturedHead } from "../models/textured-head.js";
import type { Vector3 } from "../render/camera.js";
import { GAMMA, IRRADIANCE_FLOOR, type Lighting } from "../render/lighting.js";
import { irradianceAt } from "../render/lighting-evaluate.js";
import { barycentricAt, type Raster } from "../render/rasterize.js";
import type { VisibleMesh } from "./visible-mesh.js";

/** Side of the picture of an eye, which is seen some ten pixels large. */
const EYE_TEXTURE = 64;
/** Behind the head: a grey wall. */
const WALL = 0.55;
/** Share of light that reaches eyes under their lids, and what is in the mouth. */
const OPEN = { eyes: 0.75, mouth: 0.35 } as const;

/**
 * @param head its eyes' colours
 * @returns a function of the mesh's vertices in the picture (`project`), its raster over `mesh.opaque`, the camera's
 *   position and the light: `P x 3`, gamma-coded in [0, 1]
 */
export function behindSkin(
  mesh: VisibleMesh,
  head: Pick<TexturedHead, "model" | "irisColour" | "exposure">,
) {
  const { model, exposure } = head;
  const { coordinates, triangles } = surfaceCoordinates(model);
  const eyes = eyeTexture(head, EYE_TEXTURE);
  const partOf = (triangle: number) =>
    model.parts.find(({ start, count }) => triangle >= start && triangle < start + count)!;
  const weights = [0, 0, 0];
  const colour = [0, 0, 0];
  const irradiance = [0, 0, 0];
  return (
    positions: Float32Array,
    { triangle: ids, width }: Raster,
    viewer: Vector3,
    lighting: Lighting,
  ): Float32Array => {
    const out = new Float32Array(3 * ids.length).fill(WALL);
    const length = Math.hypot(...viewer);
    irradianceAt(
      lighting,
      [0, 0, 0],
      viewer.map((value) => value / length),
      irradiance,
    );
    for (let p = 0; p < ids.length; p++) {
      const id = ids[p]!;
      if (3 * id < mesh.triangles.length) continue;
      const ofModel = mesh.ofModel[id]!;
      const { kind } = partOf(ofModel);
      if (PART_MATERIALS[kind].texture === "eyes") {
        barycentricAt(
          positions,
          mesh.opaque,
          id,
          (p % width) + 0.5,
          Math.floor(p / width) + 0.5,
          weights,
        );
        let [u, v] = [0, 0];
        for (let k = 0; k < 3; k++) {
          const at = 2 * triangles[3 * ofModel + k]!;
          u += weights[k]! * coordinates[at]!;
          v += weights[k]! * coordinates[at + 1]!;
        }
        sampleImage(eyes, u, v, colour);
      } else {
        partColour(kind, exposure).forEach((value, c) => {
          colour[c] = value;
        });
      }
      const open = kind === "eyes" ? OPEN.eyes : OPEN.mouth;
      for (let c = 0; c < 3; c++) {
        const light = Math.max(open * irradiance[c]!, IRRADIANCE_FLOOR) ** (1 / GAMMA);
        out[3 * p + c] = (colour[c]! / 255) * light;
      }
    }
    return out;
  };
}
