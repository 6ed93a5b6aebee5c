import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { needs, shared } from "../../../core/test/shared.js";
import { MAX_LIST_BYTES, MAX_MESH_BYTES } from "./limits.js";
import { readLandmarks, readVertexIds } from "./read-landmarks.node.js";
import { readMesh } from "./read-mesh.node.js";

describe("readMesh, readLandmarks and readVertexIds", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "ganfit-files-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const path = (name: string) => join(folder, name);

  it("read by the ending in letters of either case", async () => {
    writeFileSync(path("A.Obj"), "v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n");
    expect((await readMesh(path("A.Obj"))).triangles.length).toBe(3);
    writeFileSync(path("a.PTS"), "1 2 3\n");
    expect([...(await readLandmarks(path("a.PTS"), 1))]).toEqual([1, 2, 3]);
    writeFileSync(path("ids.TXT"), "1 2 3\n");
    expect([...(await readVertexIds(path("ids.TXT")))]).toEqual([1, 2, 3]);
  });

  it("refuse what is missing, no file, or of another kind", async () => {
    const none = path("none.obj");
    await expect(readMesh(none)).rejects.toMatchObject({
      code: "data",
      message: `There is no file ${none}.`,
    });
    await expect(readLandmarks(path("none.pp"), 1)).rejects.toMatchObject({ code: "data" });
    await expect(readVertexIds(path("none.pkl"))).rejects.toMatchObject({ code: "data" });
    await expect(readMesh(folder)).rejects.toMatchObject({
      code: "data",
      message: `${folder} is not a file.`,
    });
    writeFileSync(path("a.fbx"), "");
    await expect(readMesh(path("a.fbx"))).rejects.toThrow(
      "its ending is none of .obj, .ply, .stl, .glb",
    );
  });

  it("refuse files that are too large before they are in memory", async () => {
    const large = (name: string, bytes: number): string => {
      writeFileSync(path(name), "");
      truncateSync(path(name), bytes + 1);
      return path(name);
    };
    await expect(readMesh(large("large.obj", MAX_MESH_BYTES))).rejects.toThrow(
      `has ${MAX_MESH_BYTES + 1} bytes, but files of its kind of at most ${MAX_MESH_BYTES} are read`,
    );
    await expect(readLandmarks(large("large.pp", MAX_LIST_BYTES), 1)).rejects.toThrow(
      "bytes, but files",
    );
  });
});

describe("real files", () => {
  it.each([
    ["BFM09", 53_215, 105_840],
    ["Deep3D", 35_709, 70_789],
    ["FLAME", 5_023, 9_976],
    ["HIFI3D", 20_481, 40_832],
  ])(
    needs("realy", "reads REALY's template %s with its counts"),
    async (name, vertices, triangles) => {
      const file = shared(`realy/${name}.obj`);
      if (file === null) return;
      const mesh = await readMesh(file);
      expect(mesh.positions.length / 3).toBe(vertices);
      expect(mesh.triangles.length / 3).toBe(triangles);
    },
  );

  it(needs("micc", "reads all landmarks of MICC"), async () => {
    const root = shared("micc/MICC_landmarks");
    if (root === null) return;
    const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((file) =>
      file.endsWith(".ljson"),
    );
    expect(files.length).toBe(105);
    for (const file of files) {
      const points = await readLandmarks(join(root, file), 68);
      // Millimetres: a face is some 70 to 180 wide at the outer ends of its jaw line.
      const width = Math.hypot(...[0, 1, 2].map((k) => points[k]! - points[48 + k]!));
      expect(width).toBeGreaterThan(70);
      expect(width).toBeLessThan(180);
    }
  });

  it(needs("micc/landmark_ids.pkl", "reads MICC's landmark vertices"), async () => {
    const file = shared("micc/landmark_ids.pkl");
    if (file === null) return;
    const ids = await readVertexIds(file);
    expect(ids.length).toBe(68);
    expect([...ids.slice(0, 3)]).toEqual([21_868, 22_404, 22_298]);
  });
});
