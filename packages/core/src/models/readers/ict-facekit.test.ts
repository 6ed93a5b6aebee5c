import { beforeAll, describe, expect, test } from "vitest";
import { ictFaceKit, needsIct } from "../../../test/ict-facekit.js";
import { random } from "../../../test/sample-model.js";
import { GanfitError } from "../../errors.js";
import type { MorphableModel } from "../morphable-model.js";
import { surfacePositions } from "../surface-points.js";
import { originFromNose } from "./head-frame.js";
import { arkitName, type Folder, ICT_VERTICES, readIctFaceKit } from "./ict-facekit.js";
import { openIctFaceKit } from "./ict-facekit.node.js";
import { scanVertices } from "./ict-obj.js";

const POLYGONS = 26_384;
const encode = (text: string) => new TextEncoder().encode(text);

describe("vertices of an OBJ file", () => {
  test("are read as JavaScript reads numbers, to the last bit", () => {
    const next = random(4);
    const words = ["0", "-0.5", "+1", "1.", ".25", "1e3", "-2.5E-3", "123456789012345678", "1e-30"];
    for (let i = 0; i < 3000; i++) {
      const digits = Math.floor(next() * 10);
      words.push((40 * (next() - 0.5)).toFixed(digits), (next() - 0.5).toExponential(digits));
    }
    while (words.length % 3 !== 0) words.push("1");
    const lines = [];
    for (let i = 0; i < words.length; i += 3) lines.push(`v ${words.slice(i, i + 3).join("  ")}`);
    const text = `# v 1 2 3\r\n${lines.join("\r\n")}\nvn 1 2 3\nvt 1 2`;
    const found = scanVertices(encode(text), words.length / 3, "x.obj");
    for (const [i, word] of words.entries()) {
      // Correctly rounded up to 15 digits and 22 decimals; the two longer ones to a last bit or two.
      const exact = word.replace(/\D/g, "").length <= 15 && !/e-[3-9]\d/.test(word);
      if (exact) expect(found[i], word).toBe(Number(word));
      else expect(found[i]! / Number(word)).toBeCloseTo(1, 14);
    }
  });

  test.each([
    ["v 1 2", 1, /line 1/],
    ["v 1 2 x", 1, /line 1.*"x"/],
    ["\nv 1 2 3\nv 1 nan 3", 2, /line 3/],
    ["v 1 2 3.4.5", 1, /line 1/],
    ["v 1 2 3", 2, /1 vertices where ICT-FaceKit's meshes have 2/],
    ["", 1, /0 vertices/],
  ])("malformed ones are refused: %j", (text, count, message) => {
    expect(() => scanVertices(encode(text), count, "x.obj")).toThrow(message);
  });
});

describe("a folder of the right form", () => {
  let files: Map<string, string>;
  const folder = (changes: Record<string, string | null> = {}): Folder => {
    const all = new Map<string, string | null>([...files, ...Object.entries(changes)]);
    const present = [...all].filter(([, text]) => text !== null);
    return {
      name: "the folder",
      list: async () => present.map(([name]) => name),
      read: async (name) => {
        const text = all.get(name);
        if (text == null) throw new GanfitError("model", `${name} is missing`);
        return encode(text);
      },
    };
  };

  beforeAll(() => {
    // A ball of as many vertices and polygons as the published mesh, wound around like a spiral.
    const vertices: string[] = [];
    const moved: string[] = [];
    for (let v = 0; v < ICT_VERTICES; v++) {
      const latitude = Math.PI * (v / ICT_VERTICES - 0.5);
      const angle = (2 * Math.PI * v) / 160;
      const x = 9 * Math.cos(latitude) * Math.sin(angle);
      const y = 12 * Math.sin(latitude);
      const z = 10 * Math.cos(latitude) * Math.cos(angle);
      vertices.push(`v ${x.toFixed(5)} ${y.toFixed(5)} ${z.toFixed(5)}`);
      moved.push(`v ${x.toFixed(5)} ${(y + (v === 7 ? 0.25 : 0)).toFixed(5)} ${z.toFixed(5)}`);
    }
    const uvs = ["vt 0.25 0.25", "vt 1.5 0.25", "vt 1.5 0.75", "vt 3.25 0.75"];
    const polygons = Array.from({ length: POLYGONS }, (_, p) => {
      const [a, b, c, d] = [p + 1, p + 2, p + 162, p + 161];
      return `f ${a}/1 ${b}/2 ${c}/3 ${d}/4`;
    });
    const rest = [...uvs, "usemtl M_Face", ...polygons].join("\n");
    files = new Map([
      ["generic_neutral_mesh.obj", `${vertices.join("\n")}\n${rest}`],
      ["identity000.obj", moved.join("\n")],
      ["identity001.obj", moved.join("\n")],
      ["jawOpen.obj", moved.join("\n")],
      ["browDown_L.obj", moved.join("\n")],
      ["PupilDilate_R.obj", moved.join("\n")],
      ["notes.txt", "nothing"],
      [
        "vertex_indices.json",
        JSON.stringify({
          expressions: ["jawOpen", "browDown_L"],
          idx_to_landmark_verts: Array.from({ length: 68 }, (_, i) => 100 * i),
        }),
      ],
    ]);
  });

  test("becomes a model in millimetres with ARKit's names", async () => {
    const model = await readIctFaceKit(folder());
    expect(model.identity.names).toEqual(["identity000", "identity001"]);
    expect(model.expression.names).toEqual(["jawOpen", "browDownLeft", "pupilDilateRight"]);
    const { displacements } = model.identity;
    const moving = [...displacements.entries()].filter(([, d]) => Math.abs(d) > 1e-3);
    expect(moving.map(([i]) => i)).toEqual([3 * 7 + 1, 3 * (ICT_VERTICES + 7) + 1]);
    expect(moving[0]![1]).toBeCloseTo(2.5, 3);
    expect(model.uv!.coordinates).toEqual(
      Float32Array.of(0.25, 0.75, 0.5, 0.75, 0.5, 0.25, 0.25, 0.25),
    );
    expect(model.triangles.length).toBe(3 * 2 * POLYGONS);
  });

  test.each<[string, Record<string, string | null>, RegExp]>([
    [
      "no identity",
      { "identity000.obj": null, "identity001.obj": null },
      /identity000.obj is miss/,
    ],
    ["a gap", { "identity000.obj": null }, /identity000.obj is missing/],
    ["a missing expression", { "jawOpen.obj": null }, /jawOpen.obj is missing/],
    ["a short identity", { "identity001.obj": "v 1 2 3\n" }, /identity001.obj has 1 vertices/],
    ["another mesh", { "generic_neutral_mesh.obj": "v 1 2 3\nf 1/1 1/1 1/1" }, /1 vertices where/],
    ["no indices", { "vertex_indices.json": null }, /vertex_indices.json is missing/],
    ["broken indices", { "vertex_indices.json": "{" }, /does not list/],
    ["67 landmarks", { "vertex_indices.json": indices(67, 5) }, /does not list/],
    ["a landmark nowhere", { "vertex_indices.json": indices(68, 26_719) }, /does not list/],
    ["a path for a name", { "vertex_indices.json": indices(68, 5, "../x") }, /does not list/],
  ])("%s is refused", async (_, changes, message) => {
    await expect(readIctFaceKit(folder(changes))).rejects.toThrow(message);
  });

  test("polygons of another mesh or nonsense are refused", async () => {
    const neutral = files.get("generic_neutral_mesh.obj")!;
    for (const [line, message] of [
      ["f 1/1 2/2 30000/3", /makes no sense/],
      ["f 1/1 2/2", /makes no sense/],
      ["f 1/1 2/2 3/5", /texture coordinate that is missing/],
      ["f 1//1 2//2 3//3", /makes no sense/],
      ["vt 1 x", /makes no sense/],
      ["f 1/1 2/2 3/3", /26385 polygons where/],
    ] as const) {
      const changed = folder({ "generic_neutral_mesh.obj": `${neutral}\n${line}` });
      await expect(readIctFaceKit(changed), line).rejects.toThrow(message);
    }
  });

  function indices(count: number, last: number, name = "jawOpen"): string {
    const landmarks = Array.from({ length: count }, (_, i) => (i === count - 1 ? last : 1));
    return JSON.stringify({ expressions: [name], idx_to_landmark_verts: landmarks });
  }
});

test("ARKit's names", () => {
  expect(["browDown_L", "mouthLeft", "PupilDilate_R"].map(arkitName)).toEqual([
    "browDownLeft",
    "mouthLeft",
    "pupilDilateRight",
  ]);
});

const directory = ictFaceKit();

describe.skipIf(directory === null)(needsIct(directory, "ICT-FaceKit as published"), () => {
  let model: MorphableModel;
  beforeAll(async () => {
    model = await openIctFaceKit(directory!);
  });

  test("has its parts, modes, symmetry and layout", () => {
    expect(model.mean.length / 3).toBe(26_719);
    expect(model.identity.names.length).toBe(100);
    expect(model.expression.names.length).toBe(57);
    expect(model.parts.map((part) => part.kind)).toContain("lashes");
    const skin = model.parts[0]!;
    const used = new Set(model.triangles.subarray(0, 3 * skin.count));
    expect([used.size, Math.max(...used)]).toEqual([9409, 9408]);
    expect(model.uv!.frame).toBe("ict-facekit");
    const { symmetry, mean } = model;
    for (const [v, s] of symmetry!.entries()) {
      // Two vertices of the tongue are 0.29 mm askew; all others mirror exactly.
      expect(Math.abs(mean[3 * v]! + mean[3 * s]!)).toBeLessThan(0.3);
      expect(Math.abs(mean[3 * v + 1]! - mean[3 * s + 1]!)).toBeLessThan(0.3);
    }
  });

  test("lies in the frame: origin between the ears, x to the left, z out of the face", () => {
    const points = surfacePositions(model.mean, model.triangles, model.landmarks!.ibug68!);
    const at = (i: number) => [...points.subarray(3 * i, 3 * i + 3)] as [number, number, number];
    expect(at(36)[0]).toBeLessThan(at(45)[0]);
    expect(at(8)[1]).toBeLessThan(at(27)[1]);
    expect(at(30)[2]).toBeGreaterThan(at(36)[2]);
    // The outermost points of the ears.
    const skin = model.mean.subarray(0, 3 * 9409);
    let ear = 0;
    for (let v = 0; v < 9409; v++) if (skin[3 * v]! > skin[3 * ear]!) ear = v;
    expect(Math.abs(skin[3 * ear + 1]!)).toBeLessThan(1);
    expect(Math.abs(skin[3 * ear + 2]!)).toBeLessThan(1);
    expect(at(36)[0]).toBeCloseTo(-at(45)[0], 3);
    for (const offset of originFromNose(model.mean)) expect(Math.abs(offset)).toBeLessThan(6);
  });

  test("expressions move the side that they name", () => {
    const side = (name: string) => {
      const k = model.expression.names.indexOf(name);
      const mode = model.expression.displacements.subarray(k * 80_157, (k + 1) * 80_157);
      let sum = 0;
      for (let i = 0; i < mode.length; i += 3) {
        sum += Math.hypot(mode[i]!, mode[i + 1]!, mode[i + 2]!) * Math.sign(model.mean[i]!);
      }
      return Math.sign(sum);
    };
    expect([side("eyeBlinkLeft"), side("eyeBlinkRight"), side("mouthSmileLeft")]).toEqual([
      1, -1, 1,
    ]);
  });

  test("surfaces face outwards: eyeballs enclose a positive volume", () => {
    for (const name of ["eyeball-left", "eyeball-right", "teeth"]) {
      const part = model.parts.find((p) => p.name === name)!;
      let volume = 0;
      for (let t = part.start; t < part.start + part.count; t++) {
        const [a, b, c] = [0, 1, 2].map((k) => {
          const v = model.triangles[3 * t + k]!;
          return model.mean.subarray(3 * v, 3 * v + 3);
        }) as [Float32Array, Float32Array, Float32Array];
        volume +=
          a[0]! * (b[1]! * c[2]! - b[2]! * c[1]!) +
          a[1]! * (b[2]! * c[0]! - b[0]! * c[2]!) +
          a[2]! * (b[0]! * c[1]! - b[1]! * c[0]!);
      }
      expect(volume / 6, name).toBeGreaterThan(1000);
    }
  });
});
