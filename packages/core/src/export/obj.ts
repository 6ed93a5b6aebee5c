// A head as Wavefront OBJ, in the expression that it has: the format knows no others.

import type { Image } from "../image/image.js";
import { evaluateModel } from "../models/evaluate-model.js";
import { eyeTexture } from "../models/eyes.js";
import type { PartKind } from "../models/morphable-model.js";
import {
  isVisible,
  PART_MATERIALS,
  partColour,
  surfaceCoordinates,
} from "../models/part-materials.js";
import type { TexturedHead } from "../models/textured-head.js";
import { vertexNormals } from "../render/normals.js";

/** Files that belong side by side under the names that they refer to each other by. */
export interface ObjFiles {
  /** `head.obj`. */
  readonly obj: string;
  /** `head.mtl`. */
  readonly mtl: string;
  /** By file name: `texture.png`, what skin wears, its `normal.png` where it has one, and `eyes.png`. */
  readonly textures: ReadonlyMap<string, Image>;
}

const FILES = { skin: "texture.png", eyes: "eyes.png" } as const;
const NORMALS = "normal.png";

/**
 * Writes a head as text: millimetres, x to the person's left, y up, z out of the face; v of texture
 * coordinates runs upwards, as the format has it. Parts are groups, kinds of parts materials. The skin's
 * normal map is named by `norm`, which programs that do not know it leave out.
 *
 * @param name of the two files, without their endings
 */
export function writeObj(head: TexturedHead, name = "head"): ObjFiles {
  const { model } = head;
  const positions = evaluateModel(model, head.identity, head.expression);
  const normals = vertexNormals(positions, model.triangles);
  const { coordinates, triangles } = surfaceCoordinates(model);
  const parts = model.parts.filter(isVisible);
  const kinds = new Set(parts.map(({ kind }) => kind));
  const wears = (kind: PartKind) =>
    PART_MATERIALS[kind].texture !== null && (kind !== "skin" || model.uv !== null);

  const lines = [
    "# ganfit: millimetres, x to the person's left, y up, z out of the face",
    `# ${oneLine(`${model.name}: ${model.attribution} (${model.licence})`)}`,
    `mtllib ${name}.mtl`,
    "o head",
  ];
  for (let v = 0; v < positions.length; v += 3) lines.push(`v ${numbers(positions, v, 3, 5)}`);
  for (let i = 0; i < coordinates.length; i += 2) {
    lines.push(`vt ${plain(coordinates[i]!, 7)} ${plain(1 - coordinates[i + 1]!, 7)}`);
  }
  for (let v = 0; v < normals.length; v += 3) lines.push(`vn ${numbers(normals, v, 3, 5)}`);
  for (const { name: group, kind, start, count } of parts) {
    lines.push(`g ${oneLine(group).replaceAll(" ", "-")}`, `usemtl ${kind}`);
    for (let t = start; t < start + count; t++) {
      const corners = [0, 1, 2].map((k) => {
        const vertex = model.triangles[3 * t + k]! + 1;
        return `${vertex}/${wears(kind) ? triangles[3 * t + k]! + 1 : ""}/${vertex}`;
      });
      lines.push(`f ${corners.join(" ")}`);
    }
  }

  const materials = ["# ganfit"];
  const textures = new Map<string, Image>();
  for (const kind of kinds) {
    const { roughness, texture } = PART_MATERIALS[kind];
    const diffuse = partColour(kind, head.exposure)
      .map((value) => plain(value / 255, 4))
      .join(" ");
    // Phong's exponent of as wide a highlight.
    const exponent = Math.min(1000, 2 / roughness ** 4);
    const specular = plain(0.3 * (1 - roughness), 3);
    materials.push(
      `newmtl ${kind}`,
      `Kd ${diffuse}`,
      `Ks ${specular} ${specular} ${specular}`,
      `Ns ${plain(exponent, 2)}`,
      "illum 2",
    );
    if (texture && wears(kind)) {
      materials.push(`map_Kd ${FILES[texture]}`);
      textures.set(FILES[texture], texture === "skin" ? head.skin : eyeTexture(head));
    }
    if (kind === "skin" && wears(kind) && head.normals) {
      materials.push(`norm ${NORMALS}`);
      textures.set(NORMALS, head.normals);
    }
  }
  return { obj: `${lines.join("\n")}\n`, mtl: `${materials.join("\n")}\n`, textures };
}

function numbers(values: Float32Array, start: number, count: number, digits: number): string {
  return Array.from({ length: count }, (_, k) => plain(values[start + k]!, digits)).join(" ");
}

/** Without an exponent, which not every reader knows, and without trailing zeros. */
function plain(value: number, digits: number): string {
  const text = value.toFixed(digits).replace(/\.?0+$/, "");
  return text === "-0" ? "0" : text;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ");
}
