import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { EosWriter } from "../../../test/eos-archive.js";
import { random, sampleModel } from "../../../test/sample-model.js";
import { needs, shared } from "../../../test/shared.js";
import { GanfitError } from "../../errors.js";
import { surfacePositions } from "../surface-points.js";
import { isEosBlendshapes, isEosModel, readEosModel } from "./surrey.js";
import { openEosFolder } from "./surrey.node.js";

const sample = sampleModel({ rows: 8, columns: 10, identityModes: 2 });
const size = sample.mean.length;
const eigenvalues = [4, 0.25];
/** Whatever the basis: the reader does not need it orthonormal. */
const basis = sample.identity.displacements;
const uvs = Float32Array.from({ length: (2 * size) / 3 }, (_, i) => (i % 7) / 7);

/** A model as each version of eos writes it. */
function archive(version: number, scale = 1): EosWriter {
  const mean = sample.mean.map((x) => x * scale);
  const variances = eigenvalues.map((x) => x * scale ** 2);
  const writer = new EosWriter().uint32(version).pca(mean, basis, variances, sample.triangles);
  writer.noPca();
  if (version === 2) blendshapes(writer.byte(0).uint32(1));
  if (version === 3) {
    writer.byte(0).uint32(0).pca(new Float32Array(size).fill(scale), basis, [9, 1], []);
    writer.byte(0).count(2).string("chin").uint32(3).string("nose").uint32(4);
  }
  if (version === 4) writer.byte(1).byte(1);
  writer.uvs(uvs);
  if (version === 4) writer.triangles(sample.triangles.map((v) => (v + 1) % (size / 3)));
  return writer;
}

function blendshapes(writer: EosWriter): EosWriter {
  writer.count(2);
  for (const [k, name] of ["anger", "fear"].entries()) {
    writer.string(name).matrix(size, 1, basis.subarray(k * size, (k + 1) * size));
  }
  return writer;
}

describe("every version of eos's archive", () => {
  test("1: shape and texture coordinates", () => {
    const model = readEosModel(archive(1).bytes());
    expect(model.identity.displacements.length).toBe(2 * size);
    expect(model.identity.displacements[5]).toBeCloseTo(2 * basis[5]!, 4);
    expect(model.identity.displacements[size + 5]).toBeCloseTo(0.5 * basis[size + 5]!, 4);
    expect([...model.identity.standardDeviations]).toEqual([2, 0.5]);
    expect(model.expression.names).toEqual([]);
    expect(model.uv!.coordinates).toEqual(uvs);
    expect(model.uv!.triangles).toEqual(model.triangles);
    expect(model.symmetry).toEqual(sample.symmetry);
    expect(model.landmarks).toBeNull();
  });

  test("2: with blendshapes", () => {
    const { expression } = readEosModel(archive(2).bytes());
    expect(expression.names).toEqual(["anger", "fear"]);
    expect(expression.prior).toBe("unit-interval");
    expect(expression.displacements).toEqual(basis);
  });

  test("3: with a PCA of expressions, whose mean belongs to the neutral face", () => {
    const model = readEosModel(archive(3).bytes());
    expect(model.expression.prior).toBe("normal");
    expect([...model.expression.standardDeviations]).toEqual([3, 1]);
    expect(model.expression.displacements[7]).toBeCloseTo(3 * basis[7]!, 4);
    const without = readEosModel(archive(1).bytes());
    // A mean of the same everywhere moves nothing, since the origin is put between the ears.
    for (const [i, x] of model.mean.entries()) expect(x).toBeCloseTo(without.mean[i]!, 3);
  });

  test("4: with triangles of their own for texture coordinates", () => {
    const { uv, triangles } = readEosModel(archive(4).bytes());
    expect(uv!.triangles).toEqual(triangles.map((v) => (v + 1) % (size / 3)));
  });

  test("in metres, centimetres and micrometres", () => {
    const millimetres = readEosModel(archive(1).bytes());
    for (const scale of [0.001, 0.1, 1000]) {
      const { mean, identity } = readEosModel(archive(1, scale).bytes());
      expect(mean[0]).toBeCloseTo(millimetres.mean[0]!, 3);
      expect(identity.displacements[0]).toBeCloseTo(millimetres.identity.displacements[0]!, 3);
    }
  });

  test("with triangles that face inwards", () => {
    const turned = sample.triangles.map((_, i, all) => all[i - (i % 3) + [0, 2, 1][i % 3]!]!);
    const front = frontal(sample.triangles);
    const back = frontal(turned);
    const read = (triangles: Uint32Array) =>
      readEosModel(
        new EosWriter()
          .uint32(1)
          .pca(sample.mean, basis, eigenvalues, triangles)
          .noPca()
          .uvs([])
          .bytes(),
      );
    expect(read(back).triangles).toEqual(front);
    expect(read(back).uv).toBeNull();
  });

  /** The triangles of the front half, so that the surface has a direction. */
  function frontal(triangles: Uint32Array): Uint32Array {
    const kept: number[] = [];
    for (let t = 0; t < triangles.length; t += 3) {
      const corners = [...triangles.subarray(t, t + 3)];
      if (corners.every((v) => sample.mean[3 * v + 2]! > 0)) kept.push(...corners);
    }
    return Uint32Array.from(kept);
  }
});

describe("blendshapes in a file of their own", () => {
  test("are added", () => {
    const file = blendshapes(new EosWriter()).bytes();
    expect(readEosModel(archive(1).bytes(), { blendshapes: file }).expression.names).toEqual([
      "anger",
      "fear",
    ]);
    expect([isEosBlendshapes(file), isEosModel(file, file.length)]).toEqual([true, false]);
  });

  test("of another mesh are refused", () => {
    const file = new EosWriter().count(1).string("anger").matrix(9, 1, new Float32Array(9)).bytes();
    expect(() => readEosModel(archive(1).bytes(), { blendshapes: file })).toThrow(
      /belong together/,
    );
  });
});

describe("damaged and hostile files", () => {
  const refused = (bytes: Uint8Array) => {
    try {
      readEosModel(bytes);
      return false;
    } catch (error) {
      if (!(error instanceof GanfitError && error.code === "model")) throw error;
      return true;
    }
  };

  test("every truncation and every tail is refused", () => {
    const next = random(8);
    for (const version of [1, 2, 3, 4]) {
      const whole = archive(version).bytes();
      expect(refused(whole)).toBe(false);
      for (let i = 0; i < 60; i++) {
        expect(refused(whole.subarray(0, Math.floor(next() * whole.length)))).toBe(true);
      }
      expect(refused(Uint8Array.of(...whole, 0))).toBe(true);
    }
  });

  test("random bytes never cause another error", () => {
    const next = random(9);
    const whole = archive(3).bytes();
    for (let i = 0; i < 400; i++) {
      const bytes = whole.slice();
      for (let k = 0; k < 3; k++) {
        bytes[Math.floor(next() * bytes.length)] = Math.floor(next() * 256);
      }
      // Some changes only move a vertex, which nothing can notice.
      refused(bytes);
    }
  });

  test.each<[string, Uint8Array, RegExp]>([
    ["version 0", archive(0).bytes(), /version 0/],
    ["version 9", archive(9).bytes(), /version 9/],
    [
      "a huge matrix",
      new EosWriter()
        .uint32(1)
        .uint32(2 ** 31 - 1)
        .uint32(2 ** 31 - 1)
        .bytes(),
      /short/,
    ],
    [
      "a negative matrix",
      new EosWriter()
        .uint32(1)
        .uint32(2 ** 32 - 3)
        .uint32(1)
        .bytes(),
      /-3 x 1/,
    ],
    ["no vertices", new EosWriter().uint32(1).noPca().noPca().uvs([]).bytes(), /no vertices/],
    [
      "a huge list",
      new EosWriter()
        .uint32(1)
        .matrix(9, 1, new Float32Array(9))
        .matrix(9, 0, [])
        .matrix(0, 1, [])
        .raw(Buffer.alloc(8, 255))
        .bytes(),
      /cannot follow/,
    ],
    [
      "a vertex that is missing",
      new EosWriter().uint32(1).pca(sample.mean, basis, eigenvalues, [0, 1, 80]).bytes(),
      /vertex that is missing/,
    ],
    [
      "a negative vertex",
      new EosWriter().uint32(1).pca(sample.mean, basis, eigenvalues, [0, 1, -1]).bytes(),
      /vertex that is missing/,
    ],
    [
      "a negative variance",
      new EosWriter()
        .uint32(1)
        .pca(sample.mean, basis, [1, -1], sample.triangles)
        .noPca()
        .uvs([])
        .bytes(),
      /wrong/,
    ],
    [
      "a basis of another size",
      new EosWriter()
        .uint32(1)
        .matrix(size, 1, sample.mean)
        .matrix(size, 1, basis.subarray(0, size))
        .matrix(2, 1, eigenvalues)
        .triangles(sample.triangles)
        .bytes(),
      /basis of/,
    ],
  ])("%s is refused", (_, bytes, message) => {
    expect(() => readEosModel(bytes)).toThrow(message);
  });
});

const FOLDER = "surrey-face-model";
const SHAPE = `${FOLDER}/sfm_shape_3448.bin`;

describe.skipIf(!shared(SHAPE))(needs(SHAPE, "the Surrey Face Model"), () => {
  test("is read with expressions and 68 landmarks from its folder", async () => {
    const model = await openEosFolder(shared(FOLDER)!);
    expect(model.name).toBe("surrey-face-model");
    expect(model.licence).toMatch(/non-commercial/);
    expect(model.mean.length / 3).toBe(3448);
    expect(model.identity.names.length).toBe(63);
    expect(model.expression.names).toEqual(
      "anger disgust fear happiness sadness surprise".split(" "),
    );
    // The roots of the file's eigenvalues, read with numpy.
    expect(model.identity.standardDeviations[0]).toBeCloseTo(Math.sqrt(56502.367), 3);
    const points = surfacePositions(model.mean, model.triangles, model.landmarks!.ibug68!);
    const at = (i: number) => [...points.subarray(3 * i, 3 * i + 3)] as [number, number, number];
    const symmetric: readonly (readonly [number, number])[] = [
      [0, 16],
      [4, 12],
      [7, 9],
      [36, 45],
      [31, 35],
      [48, 54],
      [60, 64],
    ];
    for (const [right, left] of symmetric) {
      expect(at(right)[0]).toBeLessThan(0);
      expect(Math.abs(at(right)[0] + at(left)[0])).toBeLessThan(2);
      expect(Math.abs(at(right)[1] - at(left)[1])).toBeLessThan(2);
    }
    // The jaw goes down from the height of the eyes to the chin.
    for (let i = 0; i < 6; i++) expect(at(i)[1]).toBeGreaterThan(at(i + 1)[1]);
    expect(Math.abs(at(0)[1] - 10)).toBeLessThan(1);
    expect(at(30)[2]).toBeGreaterThan(at(8)[2]);
    // Texture coordinates go down from brow to chin.
    const v = (i: number) => {
      const t = model.landmarks!.ibug68!.triangles[i]!;
      return model.uv!.coordinates[2 * model.uv!.triangles[3 * t]! + 1]!;
    };
    expect(v(8)).toBeGreaterThan(v(30));
    expect(v(30)).toBeGreaterThan(v(19));
  });

  test("is read from its shape alone, without landmarks", () => {
    const model = readEosModel(readFileSync(shared(SHAPE)!));
    expect(model.landmarks).toBeNull();
    expect(model.expression.names).toEqual([]);
    // Put from the tip of the nose, the origin is near where the landmarks put it.
    let tip = 0;
    for (let i = 0; i < model.mean.length; i += 3)
      if (model.mean[i + 2]! > model.mean[tip + 2]!) tip = i;
    expect(model.mean[tip + 2]).toBeCloseTo(140, 3);
  });

  test("needs a mapping that fits", async () => {
    const bytes = readFileSync(shared(SHAPE)!);
    const landmarks = readFileSync(shared(`${FOLDER}/ibug_to_sfm.txt`)!, "utf8");
    const contours = readFileSync(shared(`${FOLDER}/sfm_model_contours.json`)!, "utf8");
    const read = (l: string, c: string) => () => readEosModel(bytes, { landmarks: l, contours: c });
    expect(read(landmarks.replace("9 =    33", "9 = 99999"), contours)).toThrow(/vertex 99999/);
    expect(read("", contours)).toThrow(/no vertex for landmark 9/);
    expect(read(landmarks, "{}")).toThrow(/right and left contours/);
    expect(read(landmarks, contours.replace("380", "99999"))).toThrow(/does not have/);
  });
});
