import { beforeAll, describe, expect, it } from "vitest";
import { inPlane } from "../image/in-plane.js";
import { applySimilarity } from "../image/similarity.js";
import { evaluateModel } from "../models/evaluate-model.js";
import type { MorphableModel } from "../models/morphable-model.js";
import { loadModel } from "../models/store/store.node.js";
import { surfacePositions } from "../models/surface-points.js";
import { loadFaceNetworks } from "../networks/faces.node.js";
import { findFace } from "../networks/find-face.js";
import { interocularDistance } from "../networks/ibug68.js";
import { renderHead } from "../portrait/render-head.js";
import { normals } from "../random.js";
import { type Camera, cameraOf, project } from "../render/camera.js";
import { STUDIO } from "../render/lighting.js";
import { vertexNormals } from "../render/normals.js";
import { loadDefaultGenerator } from "../texture/texture-generator.node.js";
import { textureOfLatent } from "../texture/texture-runner.js";
import { BIAS_FEATURES, biasFeatures, landmarkBias } from "./landmark-bias.js";
import { LANDMARK_BIAS } from "./landmark-bias-table.js";
import { LANDMARK_WEIGHTS, prepareLandmarks } from "./landmark-fit.js";
import { estimatePose } from "./pose.js";

const FRONT = [0, 0, 1000] as const;

/** A cloud of points that has eyes. */
function cloud(): Float32Array {
  const points = Float32Array.from(normals(3 * 478, 2), (value) => 300 + 60 * value);
  points.set([270, 260, 0], 3 * 468);
  points.set([340, 262, 0], 3 * 473);
  return points;
}

describe("landmarkBias", () => {
  it("has as many features as its table", () => {
    expect(biasFeatures(FRONT)).toHaveLength(BIAS_FEATURES);
    expect(LANDMARK_BIAS).toHaveLength(BIAS_FEATURES * 478 * 2);
    // Hundredths of the distance between the pupils, not tenths; and not nothing.
    const constant = LANDMARK_BIAS.subarray(0, 2 * 478);
    expect(Math.max(...constant.map(Math.abs))).toBeLessThan(0.2);
    expect(Math.hypot(...constant) / Math.sqrt(constant.length)).toBeGreaterThan(0.002);
  });

  it("turns and grows with the face", () => {
    const face = cloud();
    const turned = { scale: 1.7, rotation: 0.6, tx: 40, ty: -10 };
    const moved = applySimilarity(turned, inPlane(face));
    const other = face.slice();
    for (let i = 0; i < 478; i++) other.set(moved.subarray(2 * i, 2 * i + 2), 3 * i);
    const towards = [-300, 100, 900] as const;
    const expected = applySimilarity({ ...turned, tx: 0, ty: 0 }, landmarkBias(face, towards));
    landmarkBias(other, towards).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 2);
    });
  });

  it("knows nothing of views beyond those that were measured", () => {
    expect(biasFeatures([-900, 0, 100])).toEqual(biasFeatures([-900, 0, 300]));
    expect(biasFeatures([-300, 0, 900])).not.toEqual(biasFeatures([300, 0, 900]));
  });
});

describe("on a rendered head", () => {
  let model: MorphableModel;
  let at: (yaw: number) => Promise<{ before: number; after: number }>;

  beforeAll(async () => {
    model = await loadModel("default");
    const generator = await loadDefaultGenerator();
    const latent = Float32Array.from(normals(generator.latentSize, 31), (value) => 0.5 * value);
    const skin = await textureOfLatent(generator, latent, { threads: 2 });
    const identity = Float32Array.from(normals(model.identity.names.length, 5));
    const expression = new Float32Array(model.expression.names.length);
    const { sliding } = prepareLandmarks(model);
    at = async (yaw) => {
      const angle = (yaw * Math.PI) / 180;
      const camera: Camera = {
        position: [-1000 * Math.sin(angle), 30, 1000 * Math.cos(angle)],
        lookAt: [0, 20, 0],
        focalLength: 1500,
        roll: 0,
        principalPoint: [224, 224],
      };
      const irisColour = [90, 70, 50] as const;
      const { image } = renderHead(
        { model, identity, expression, skin, irisColour, exposure: 1 },
        { camera, lighting: STUDIO, width: 448, height: 448, background: [128, 128, 128] },
      );
      const faces = await loadFaceNetworks();
      const { landmarks } = await findFace(image, faces).finally(() => faces.dispose());
      const vertices = evaluateModel(model, identity, expression);
      const turned = vertexNormals(vertices, model.triangles);
      const points = (of: Float32Array) => surfacePositions(of, model.triangles, sliding.points);
      const all = points(vertices);
      const chosen = sliding.choose(all, points(turned), camera.position);
      const truth = Float32Array.from(
        { length: 3 * 478 },
        (_, k) => all[3 * chosen[Math.floor(k / 3)]! + (k % 3)]!,
      );
      const unit = interocularDistance(landmarks);
      const { focalLength, principalPoint } = camera;
      /** What is left of pixels when the head has its best pose. */
      const left = (pixels: Float64Array) => {
        const options = { focalLength, principalPoint, outlier: 0.2 * unit };
        const pose = estimatePose(truth, pixels, { ...options, weights: LANDMARK_WEIGHTS });
        const seen = cameraOf(pose, focalLength, principalPoint, pose.translation[2]);
        const expected = inPlane(project(truth, seen));
        const squares = pixels.reduce((sum, value, i) => sum + (value - expected[i]!) ** 2, 0);
        return { rms: Math.sqrt(squares / pixels.length) / unit, towards: seen.position };
      };
      const pixels = inPlane(landmarks);
      const before = left(pixels);
      const bias = landmarkBias(landmarks, before.towards);
      return { before: before.rms, after: left(pixels.map((v, i) => v - bias[i]!)).rms };
    };
  });

  it.each([-35, 35])("takes off more than it leaves at %i degrees", async (yaw) => {
    const { before, after } = await at(yaw);
    expect(after).toBeLessThan(0.85 * before);
  });
});
