import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { objText } from "../src/files/obj.js";
import type { Mesh } from "../src/geometry/mesh.js";
import { REALY_REGIONS } from "../src/realy/realy-regions.js";
import { head, keypoints, keypointText, person, regions } from "./realy-case.js";

const DIGITS = 9;

export interface RealyFolderOptions {
  readonly ids: readonly number[];
  /** Millimetres between vertices. */
  readonly spacing: number;
  /** Millimetres of the scan's unit. */
  readonly unit: number;
  /** What is done to a region before it is written. */
  readonly change?: (mesh: Mesh) => Mesh;
}

/** REALY's folders: subject `id` is person `id`, and system `ours` predicts person `100 + id`. */
export async function writeRealyFolder(
  folder: string,
  { ids, spacing, unit, change = (mesh) => mesh }: RealyFolderOptions,
): Promise<void> {
  const put = async (path: string, text: string) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  };
  const scaled = (mesh: Mesh) =>
    objText({ ...mesh, positions: mesh.positions.map((x) => x / unit) }, DIGITS);
  await put("grid.obj", objText(head(() => 0, spacing)));
  await put("grid.txt", keypointText({ spacing }));
  await put("metrical_scale.txt", `${unit}\n`.repeat(Math.max(...ids)));
  for (const id of ids) {
    const face = person(id);
    const scan = regions(face, spacing, 0.4 * spacing);
    for (const region of REALY_REGIONS) {
      await put(`REALY_scan_region/${id}/${region}.obj`, scaled(change(scan[region])));
    }
    const points = { positions: keypoints(face), triangles: new Uint32Array(0) };
    await put(`REALY_HIFI3D_keypoints/${id}.obj`, scaled(points));
    await put(`ours/${id}.obj`, objText(head(person(100 + id), spacing), DIGITS));
  }
}
