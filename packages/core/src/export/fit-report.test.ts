import { beforeAll, describe, expect, it } from "vitest";
import { plainGenerator } from "../../test/plain-generator.js";
import { sampleHead } from "../../test/sample-head.js";
import { sampleModel } from "../../test/sample-model.js";
import { hashFitModels } from "../fit/fit-hashes.js";
import { MOST_STEPS } from "../fit/fit-options.js";
import type { FitResult } from "../fit/fit-result.js";
import { SFACE } from "../networks/recognition.js";
import { project } from "../render/camera.js";
import { textureOfLatent } from "../texture/texture-runner.js";
import { type FitReportContext, fitReport, parseFitReport } from "./fit-report.js";
import type { FitReport } from "./fit-report-schema.js";
import { rebuildHead, rebuildTexture } from "./rebuild-head.js";

const model = sampleModel({ rows: 21, columns: 24 });
const generator = plainGenerator();
const models = {
  shape: model,
  generator,
  recognition: { description: SFACE, model: generator.model },
};
const latent = Float32Array.of(0.3, -0.7, 1 / 3, 0, 0, 0, 0, 1e-7);
const LOSSES = {
  energy: 1 / 3,
  identity: 0.5,
  secondIdentity: 0.6,
  content: 0.3,
  pixel: 0.1,
  landmark: 0.02,
  shapePrior: 1,
  expressionPrior: 2,
  latentPrior: 3,
  lightPrior: 4,
};

let result: FitResult;
let context: FitReportContext;
let report: FitReport;
beforeAll(async () => {
  const head = {
    ...sampleHead(model, { identity: 1, expression: { blink1: 0.123456789 } }),
    skin: await textureOfLatent(generator, latent),
  };
  const mask = { width: 1, height: 1, data: new Float32Array(1) };
  result = {
    head,
    face: {
      box: { x: 1, y: 2, width: 100, height: 120 },
      region: { x: 0, y: 0, size: 200, angle: 0 },
      landmarks: new Float32Array(3 * 478).fill(1 / 3),
      confidence: 0.98765,
      score: 0.9,
      cutByBorder: false,
      roll: 0.1,
      yaw: -0.2,
      pitch: 0,
    },
    segmentation: { skin: mask },
    camera: {
      position: [10, 20, 1200],
      lookAt: [0, 1 / 3, 50],
      focalLength: 1400,
      roll: 0.05,
      principalPoint: [256, 250],
    },
    lighting: {
      kind: "spherical-harmonics",
      coefficients: Array.from({ length: 27 }, (_, i) => Math.fround(i / 30)),
    },
    latent,
    landmarks: new Float32Array(2 * 478),
    landmarkError: { stage1: 0.02, final: 0.015 },
    losses: [LOSSES, LOSSES],
    timings: { face: 1.4, landmarks: 2, compile: 3, fit: 4, texture: 5 },
  } as unknown as FitResult;
  context = {
    photo: { name: "photo.jpg", width: 512, height: 500, scale: 1, sha256: "0".repeat(64) },
    options: { steps: 2, device: "cpu" },
    focalLengthFrom: "prior",
    texture: { source: "generated", size: 64, file: "texture.png", sha256: "1".repeat(64) },
    models,
    hashes: { ...(await hashFitModels(models)), faceNetworks: [] },
    versions: { ganfit: "0.0.0", runtime: "test", onnxruntime: "0" },
  };
  report = fitReport(result, context);
});

const changed = (change: (copy: Record<string, unknown>) => void) => {
  const copy = JSON.parse(JSON.stringify(report));
  change(copy);
  return JSON.stringify(copy);
};

describe("fitReport", () => {
  it("survives JSON, and rebuilds the head exactly", async () => {
    const read = parseFitReport(JSON.stringify(report));
    expect(read).toEqual(report);
    const skin = await rebuildTexture(read, models.generator);
    const head = await rebuildHead(read, models.shape, skin);
    expect(head.identity).toEqual(result.head.identity);
    expect(head.expression).toEqual(result.head.expression);
    expect(head.skin.data).toEqual(result.head.skin.data);
    expect(head.irisColour).toEqual(result.head.irisColour);
  });

  it("names the normal map only where there is one, and the head wears it again", async () => {
    expect("normals" in report).toBe(false);
    const normals = { file: "normal.png", sha256: "2".repeat(64) };
    const read = parseFitReport(JSON.stringify(fitReport(result, { ...context, normals })));
    expect(read.normals).toEqual(normals);
    const map = { width: 1, height: 1, data: Uint8Array.of(128, 128, 255) };
    const head = await rebuildHead(read, models.shape, result.head.skin, map);
    expect(head.normals).toBe(map);
    expect("normals" in (await rebuildHead(read, models.shape, result.head.skin))).toBe(false);
    const wrong = changed((copy) => Object.assign(copy, { normals: { file: "normal.png" } }));
    expect(() => parseFitReport(wrong)).toThrow(/normals\.sha256/);
  });

  it("gives a camera whose matrices project as it does", () => {
    const { intrinsics: k, extrinsics: m } = report.camera;
    const [x, y, z] = [30, -40, 60];
    const inCamera = m.map((row) => row[0]! * x + row[1]! * y + row[2]! * z + row[3]!);
    const pixel = k.map((row) => row.reduce((sum, value, i) => sum + value * inCamera[i]!, 0));
    const [u, v] = project([x, y, z], result.camera);
    expect(pixel[0]! / pixel[2]!).toBeCloseTo(u!, 3);
    expect(pixel[1]! / pixel[2]!).toBeCloseTo(v!, 3);
  });

  it("says which options were used, also where none was given", () => {
    expect(report.options).toMatchObject({ steps: 2, seed: 0, device: "cpu", textureSize: 64 });
    expect(report.losses.energy).toEqual([0.333333, 0.333333]);
  });

  it("reads reports of before the second rendering and the content loss", () => {
    const without = <T extends object>({ ...terms }: T): T => {
      for (const name of ["secondIdentity", "content"]) Reflect.deleteProperty(terms, name);
      return terms;
    };
    const { options, losses } = report;
    const before = {
      ...report,
      options: { ...options, weights: without(options.weights) },
      losses: without(losses),
    };
    expect(parseFitReport(JSON.stringify(before))).toEqual(before);
    expect(before.losses).not.toHaveProperty("content");
  });
});

describe("rebuildHead", () => {
  it("says which file the fit was made with", async () => {
    const { skin } = result.head;
    const other = { ...models, shape: sampleModel({ seed: 2 }) };
    await expect(rebuildHead(report, other.shape, skin)).rejects.toMatchObject({
      code: "report",
      message: expect.stringMatching(/another version of the shape model sample.*--model/),
    });
    const painted = { ...models, generator: plainGenerator(0.1) };
    await expect(rebuildTexture(report, painted.generator)).rejects.toMatchObject({
      code: "report",
      message: expect.stringMatching(/another version of the texture generator.*--generator/),
    });
  });

  it("refuses numbers that do not fit the files", async () => {
    const altered = (parameters: Partial<FitReport["parameters"]>) => ({
      ...report,
      parameters: { ...report.parameters, ...parameters },
    });
    const strange = (parameters: Partial<FitReport["parameters"]>) =>
      rebuildHead(altered(parameters), models.shape, result.head.skin);
    await expect(strange({ identity: [1] })).rejects.toThrow(/identity/);
    await expect(rebuildTexture(altered({ latent: [1] }), models.generator)).rejects.toThrow(
      /latent/,
    );
    await expect(strange({ expression: {} })).rejects.toThrow(/blink0/);
    const expression = { ...report.parameters.expression, constructor: 1 };
    await expect(strange({ expression })).rejects.toThrow(/constructor/);
  });
});

describe("parseFitReport", () => {
  it("takes the losses of the longest fit: before every step, and at its end", () => {
    const withLosses = (count: number) =>
      changed((r) => {
        r.losses = Object.fromEntries(
          Object.keys(report.losses).map((name) => [name, new Array(count).fill(0)]),
        );
      });
    expect(parseFitReport(withLosses(MOST_STEPS + 1)).losses.energy).toHaveLength(MOST_STEPS + 1);
    expect(() => parseFitReport(withLosses(MOST_STEPS + 2))).toThrow(/losses/);
  });

  const deep = `${"[".repeat(1e5)}${"]".repeat(1e5)}`;
  const bad: readonly [what: string, text: () => string, sentence: RegExp][] = [
    ["nothing", () => "", /not JSON/],
    ["a text", () => "hello", /not JSON/],
    ["null", () => "null", /top level/],
    ["a list", () => "[]", /top level/],
    ["deep nesting", () => deep, /top level|not JSON/],
    ["another file", () => '{"schema":"other"}', /schema/],
    ["a later form", () => '{"schema":"ganfit-fit-2"}', /ganfit-fit-2.*version/],
    ["a missing part", () => changed((r) => delete r.camera), /camera/],
    [
      "infinity",
      () => changed(() => {}).replace('"focalLength":1400', '"focalLength":1e999'),
      /foc/,
    ],
    ["text for a number", () => changed((r) => Object.assign(r, { face: "x" })), /face/],
    [
      "too long a list",
      () =>
        changed((r) => {
          (r.parameters as { identity: unknown }).identity = new Array(5000).fill(0);
        }),
      /parameters\.identity/,
    ],
    [
      "null in a list, as NaN is printed",
      () =>
        changed((r) => {
          (r.parameters as { latent: unknown }).latent = [Number.NaN];
        }),
      /parameters\.latent\.0/,
    ],
    ["an endless text", () => " ".repeat(2 ** 25 + 1), /characters/],
  ];
  it.each(bad)("refuses %s in one sentence", (_, text, sentence) => {
    let message = "";
    try {
      parseFitReport(text());
    } catch (error) {
      expect(error).toMatchObject({ code: "report" });
      message = (error as Error).message;
    }
    expect(message).toMatch(sentence);
    expect(message.split("\n")).toHaveLength(1);
    expect(message.length).toBeLessThan(400);
  });

  it("takes nothing from __proto__", () => {
    const text = changed(() => {}).replace('"expression":{', '"expression":{"__proto__":{"x":1},');
    const read = parseFitReport(text);
    expect(({} as { x?: number }).x).toBeUndefined();
    expect(Object.getPrototypeOf(read.parameters.expression)).toBe(Object.prototype);
    expect(Object.keys(read.parameters.expression)).toEqual(model.expression.names);
  });
});
