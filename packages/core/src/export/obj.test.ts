import type { Mesh } from "three";
import { OBJLoader } from "three/addons/loaders/OBJLoader.js";
import { beforeAll, describe, expect, test } from "vitest";
import { sampleHead } from "../../test/sample-head.js";
import { evaluateModel } from "../models/evaluate-model.js";
import { loadModel } from "../models/store/store.node.js";
import type { TexturedHead } from "../models/textured-head.js";
import { vertexNormals } from "../render/normals.js";
import { type ObjFiles, writeObj } from "./obj.js";

describe("the default head read by three.js", () => {
  let head: TexturedHead;
  let files: ObjFiles;
  let meshes: Map<string, Mesh>;

  beforeAll(async () => {
    const expression = { jawOpen: 0.5, eyeLookInLeft: 1 };
    head = sampleHead(await loadModel("default"), { size: 64, seed: 8, identity: 1, expression });
    files = writeObj(head);
    const group = new OBJLoader().parse(files.obj);
    meshes = new Map((group.children as Mesh[]).map((mesh) => [mesh.name, mesh]));
  });

  test("has the parts as groups", () => {
    expect([...meshes.keys()]).toEqual(head.model.parts.map(({ name }) => name));
  });

  test("has every corner where it was, in millimetres, with its normal and texture coordinates", () => {
    const { model } = head;
    const positions = evaluateModel(model, head.identity, head.expression);
    const normals = vertexNormals(positions, model.triangles);
    for (const { name, kind, start, count } of model.parts) {
      const { position, normal, uv } = meshes.get(name)!.geometry.attributes;
      expect(position!.count).toBe(3 * count);
      let [place, turn, texture] = [0, 0, 0];
      for (let i = 0; i < 3 * count; i++) {
        const v = model.triangles[3 * start + i]!;
        for (let k = 0; k < 3; k++) {
          place = Math.max(place, Math.abs(position!.array[3 * i + k]! - positions[3 * v + k]!));
          turn = Math.max(turn, Math.abs(normal!.array[3 * i + k]! - normals[3 * v + k]!));
        }
        if (kind !== "skin") continue;
        const at = 2 * model.uv!.triangles[3 * start + i]!;
        const [u, down] = model.uv!.coordinates.subarray(at, at + 2);
        texture = Math.max(texture, Math.abs(uv!.array[2 * i]! - u!));
        texture = Math.max(texture, Math.abs(uv!.array[2 * i + 1]! - (1 - down!)));
      }
      expect(place, name).toBeLessThan(1e-4);
      expect(turn, name).toBeLessThan(1e-4);
      expect(texture, name).toBeLessThan(1e-6);
    }
  });

  test("refers to files that come with it", () => {
    expect(files.obj).toMatch(/^mtllib head\.mtl$/m);
    expect(files.obj).toMatch(/millimetres/);
    const used = new Set(files.obj.match(/^usemtl .*$/gm)!.map((line) => line.slice(7)));
    const made = new Set(files.mtl.match(/^newmtl .*$/gm)!.map((line) => line.slice(7)));
    expect(made).toEqual(used);
    const maps = files.mtl.match(/^map_Kd .*$/gm)!.map((line) => line.slice(7));
    expect(maps.sort()).toEqual(["eyes.png", "texture.png"]);
    expect([...files.textures.keys()].sort()).toEqual(maps);
    expect(files.textures.get("texture.png")).toBe(head.skin);
    expect(writeObj(head, "ada").obj).toMatch(/^mtllib ada\.mtl$/m);
  });

  test("names the normal map of the skin alone, and is as before without one", () => {
    const normals = { width: 2, height: 2, data: new Uint8Array(12).fill(128) };
    const raised = writeObj({ ...head, normals });
    expect(raised.obj).toBe(files.obj);
    expect(raised.textures.get("normal.png")).toBe(normals);
    const named = raised.mtl.split("newmtl ").filter((text) => /^norm normal\.png$/m.test(text));
    expect(named.map((text) => text.split("\n")[0])).toEqual(["skin"]);
    expect(raised.mtl.replace("norm normal.png\n", "")).toBe(files.mtl);
  });
});
