import validator from "gltf-validator";
import type { Mesh, MeshStandardMaterial } from "three";
import { beforeAll, describe, expect, test } from "vitest";
import { plainHead, plainModel } from "../../test/plain-model.js";
import { sampleHead } from "../../test/sample-head.js";
import { meshesOf, morphed, readGlb } from "../../test/three-glb.js";
import { encodePng } from "../image/encode.node.js";
import { ARKIT_NAMES } from "../models/arkit.js";
import { evaluateModel } from "../models/evaluate-model.js";
import { partMeshes } from "../models/part-meshes.js";
import { loadModel } from "../models/store/store.node.js";
import type { TexturedHead } from "../models/textured-head.js";
import { writeGlb } from "./glb.js";

const options = { encode: encodePng, generator: "ganfit's tests" };

describe("the default head", () => {
  let head: TexturedHead;
  let bytes: Uint8Array;
  let meshes: Map<string, Mesh>;

  beforeAll(async () => {
    head = sampleHead(await loadModel("default"), {
      size: 128,
      seed: 4,
      identity: 0.8,
      expression: { jawOpen: 0.4, eyeBlinkLeft: 0.3, mouthSmileRight: 0.9, tongueOut: 0.2 },
    });
    bytes = await writeGlb(head, options);
    meshes = meshesOf(await readGlb(bytes));
  });

  test("pleases Khronos' validator", async () => {
    const { issues, info } = await validator.validateBytes(bytes);
    expect(issues.messages).toEqual([]);
    expect([issues.numErrors, issues.numWarnings]).toEqual([0, 0]);
    expect(info.generator).toBe("ganfit's tests");
  });

  test("has a mesh and a material for each kind of part", () => {
    const kinds = ["skin", "eyes", "mouth", "teeth", "tongue", "lashes", "other"];
    expect([...meshes.keys()].sort()).toEqual(kinds.sort());
    const material = (kind: string) => meshes.get(kind)!.material as MeshStandardMaterial;
    expect([material("skin").map !== null, material("eyes").map !== null]).toEqual([true, true]);
    expect(material("teeth").map).toBeNull();
    expect(material("skin").roughness).toBeCloseTo(0.6, 6);
    expect(material("skin").metalness).toBe(0);
    expect(material("lashes").transparent).toBe(true);
  });

  test("carries the skin's normal map as it is, not as a colour", async () => {
    const normals = { width: 4, height: 4, data: new Uint8Array(48).fill(128) };
    const raised = await writeGlb({ ...head, normals }, options);
    const { issues } = await validator.validateBytes(raised);
    expect(issues.messages).toEqual([]);
    const materials = meshesOf(await readGlb(raised));
    const of = (kind: string) => materials.get(kind)!.material as MeshStandardMaterial;
    expect(of("skin").normalMap).not.toBeNull();
    expect(of("skin").normalMap!.colorSpace).toBe("");
    expect(of("skin").map!.colorSpace).toBe("srgb");
    // three.js turns green over where it has to make the tangents itself.
    expect(of("skin").normalScale.toArray()).toEqual([1, 1]);
    const { geometry } = materials.get("skin")!;
    const [place, normal, tangent] = ["position", "normal", "tangent"].map((name) =>
      geometry.getAttribute(name),
    );
    // On the forehead u runs to the person's left, and up in the texture is up.
    const forehead = Array.from({ length: place!.count }, (_, v) => v).filter(
      (v) => Math.abs(place!.getX(v)) < 0.02 && normal!.getZ(v) > 0.8 && place!.getY(v) > 0.05,
    );
    expect(forehead.length).toBeGreaterThan(10);
    for (const v of forehead) {
      const [nx, nz] = [normal!.getX(v), normal!.getZ(v)];
      const up = nz * tangent!.getX(v) - nx * tangent!.getZ(v);
      expect(tangent!.getX(v)).toBeGreaterThan(0.9);
      expect(up * tangent!.getW(v)).toBeGreaterThan(0.8);
    }
    expect(of("eyes").normalMap).toBeNull();
    expect((meshes.get("skin")!.material as MeshStandardMaterial).normalMap).toBeNull();
  });

  test("shows its expression by default, as the model has it, and any other one", () => {
    const other = sampleHead(head.model, {
      expression: { eyeBlinkRight: 1, jawLeft: 0.5, jawOpen: 1 },
    });
    for (const expression of [head.expression, new Float32Array(62), other.expression]) {
      const expected = evaluateModel(head.model, head.identity, expression);
      for (const { kind, vertices } of partMeshes(head.model)) {
        const mesh = meshes.get(kind)!;
        if (expression !== head.expression && mesh.morphTargetInfluences) {
          mesh.morphTargetInfluences = [...expression];
        }
        const found = morphed(mesh);
        let worst = 0;
        for (let i = 0; i < found.length; i++) {
          const millimetres = expected[3 * vertices[Math.floor(i / 3)]! + (i % 3)]!;
          worst = Math.max(worst, Math.abs(found[i]! - millimetres / 1000));
        }
        expect(worst, kind).toBeLessThan(1e-5);
      }
    }
  });

  test("names its morph targets as the model does, ARKit's among them, alike for all meshes", () => {
    const moving = [...meshes.values()].filter((mesh) => mesh.morphTargetDictionary);
    expect(moving.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["skin", "eyes", "tongue"]),
    );
    for (const mesh of moving) {
      expect(Object.keys(mesh.morphTargetDictionary!)).toEqual(head.model.expression.names);
    }
    expect(Object.keys(moving[0]!.morphTargetDictionary!)).toEqual(
      expect.arrayContaining([...ARKIT_NAMES]),
    );
  });

  test("has the model's texture coordinates at every corner", () => {
    const uv = head.model.uv!;
    const found = meshes.get("skin")!.geometry;
    const at = found.getAttribute("uv");
    const index = found.getIndex()!;
    const skin = head.model.parts.find(({ kind }) => kind === "skin")!;
    expect(index.count).toBe(3 * skin.count);
    for (let corner = 0; corner < index.count; corner++) {
      const place = uv.triangles[3 * skin.start + corner]!;
      expect(at.getX(index.getX(corner))).toBe(uv.coordinates[2 * place]);
      expect(at.getY(index.getX(corner))).toBe(uv.coordinates[2 * place + 1]);
    }
  });

  test("is small, for what is still is not stored", () => {
    expect(bytes.length).toBeLessThan(4e6);
    const skin = meshes.get("skin")!.geometry.getAttribute("position").count;
    // A few vertices more than the model's, where the seam of the texture is cut.
    expect(skin).toBeGreaterThanOrEqual(10_012);
    expect(skin).toBeLessThan(11_000);
  });

  test("carries only the expressions asked for, and keeps the others' share in its shape", async () => {
    const few = await writeGlb(head, { ...options, expressions: ["jawOpen", "eyeBlinkLeft"] });
    const skin = meshesOf(await readGlb(few)).get("skin")!;
    expect(Object.keys(skin.morphTargetDictionary!)).toEqual(["jawOpen", "eyeBlinkLeft"]);
    expect(skin.morphTargetInfluences).toEqual([0.4, 0.3].map((w) => expect.closeTo(w, 6)));
    const expected = evaluateModel(head.model, head.identity, head.expression);
    const found = morphed(skin);
    const { vertices } = partMeshes(head.model)[0]!;
    for (let i = 0; i < found.length; i += 3) {
      expect(Math.abs(found[i]! - expected[3 * vertices[i / 3]!]! / 1000)).toBeLessThan(1e-5);
    }
    await expect(writeGlb(head, { ...options, expressions: ["frown"] })).rejects.toThrow(
      /no expression named frown/,
    );
  });
});

test("a model without modes, texture coordinates or eyes is valid too", async () => {
  const model = plainModel({ mean: [0, 0, 0, 10, 0, 0, 0, 10, 0], triangles: [0, 1, 2] });
  const bytes = await writeGlb(plainHead(model), options);
  const { issues } = await validator.validateBytes(bytes);
  expect(issues.messages).toEqual([]);
  const [mesh] = meshesOf(await readGlb(bytes)).values();
  expect([...morphed(mesh!)]).toEqual(
    [0, 0, 0, 0.01, 0, 0, 0, 0.01, 0].map((x) => expect.closeTo(x, 7)),
  );
});
