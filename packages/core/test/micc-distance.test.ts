import { describe, expect, it } from "vitest";
import { faceAround, type MarkedFace, miccDistance } from "../bench/micc-distance.js";
import { alignPoints, movePoints, type Similarity3 } from "../bench/similarity3.js";
import { uniform } from "../src/random.js";

const MOTION: Similarity3 = {
  scale: 1.3,
  // 90 degrees about z, then nothing.
  rotation: [0, -1, 0, 1, 0, 0, 0, 0, 1],
  translation: [40, -20, 7],
};

/** A bumpy sheet of 200 x 200 mm, bent around the y axis, whose nose tip is in the middle. */
function sheet(raise: (x: number, y: number) => number = () => 0, cells = 20): MarkedFace {
  const positions: number[] = [];
  const triangles: number[] = [];
  const at = (x: number, y: number) => [
    x,
    y,
    -(x * x) / 150 - (y * y) / 400 + 6 * Math.sin(x / 17) * Math.cos(y / 23) + raise(x, y),
  ];
  const side = cells + 1;
  for (let r = 0; r < side; r++) {
    for (let c = 0; c < side; c++) {
      positions.push(...at(200 * (c / cells - 0.5), 200 * (r / cells - 0.5)));
      if (r === cells || c === cells) continue;
      const v = r * side + c;
      triangles.push(v, v + 1, v + side + 1, v, v + side + 1, v + side);
    }
  }
  const marks = [-50, 0, 50].flatMap((x) => [-50, 0, 50].flatMap((y) => at(x, y)));
  return {
    positions,
    triangles: Uint32Array.from(triangles),
    landmarks: marks,
    noseTip: at(0, 0) as [number, number, number],
  };
}

function moved(face: MarkedFace, motion: Similarity3): MarkedFace {
  return {
    ...face,
    positions: movePoints(face.positions, motion),
    landmarks: movePoints(face.landmarks, motion),
    noseTip: [...movePoints(face.noseTip, motion)] as [number, number, number],
  };
}

describe("alignPoints", () => {
  it("finds the similarity that moved a cloud, and the rigid motion without its scale", () => {
    const next = uniform(5);
    const cloud = Float64Array.from({ length: 60 }, () => 100 * next());
    const found = alignPoints(cloud, movePoints(cloud, MOTION));
    expect(found.scale).toBeCloseTo(MOTION.scale, 9);
    found.rotation.forEach((value, i) => {
      expect(value).toBeCloseTo(MOTION.rotation[i]!, 9);
    });
    const rigid = { ...MOTION, scale: 1 };
    const again = alignPoints(cloud, movePoints(cloud, rigid), { scale: false });
    expect(again.scale).toBe(1);
    again.translation.forEach((value, i) => {
      expect(value).toBeCloseTo(MOTION.translation[i]!, 8);
    });
  });

  it("never mirrors", () => {
    const next = uniform(6);
    const cloud = Float64Array.from({ length: 60 }, () => next());
    const { rotation: r } = alignPoints(
      cloud,
      cloud.map((value, i) => (i % 3 === 0 ? -value : value)),
    );
    const determinant =
      r[0]! * (r[4]! * r[8]! - r[5]! * r[7]!) -
      r[1]! * (r[3]! * r[8]! - r[5]! * r[6]!) +
      r[2]! * (r[3]! * r[7]! - r[4]! * r[6]!);
    expect(determinant).toBeCloseTo(1, 9);
  });

  it("refuses points on a line, and too few", () => {
    const line = Float64Array.from({ length: 30 }, (_, i) => Math.floor(i / 3));
    expect(() => alignPoints(line, line)).toThrow(/on a line/);
    expect(() => alignPoints([0, 0, 0], [1, 1, 1])).toThrow(/three or more/);
  });
});

describe("miccDistance", () => {
  it("is nothing between a face and itself elsewhere, turned and larger", () => {
    const face = sheet();
    const { mean, forth, back } = miccDistance(face, moved(face, { ...MOTION, scale: 1 }));
    expect(mean).toBeCloseTo((forth + back) / 2, 12);
    expect(mean).toBeLessThan(1e-4);
  });

  it("does not depend on how the surface is cut into triangles", () => {
    expect(miccDistance(sheet(), sheet(undefined, 31)).mean).toBeLessThan(0.2);
  });

  it("forgives a scale, in the millimetres of the face that is measured against", () => {
    const bump = sheet((x, y) => 5 * Math.exp(-((x - 30) ** 2 + y ** 2) / 200));
    const face = sheet();
    const same = miccDistance(bump, face);
    // The radius is in millimetres, so it grows with the face to cut out the same piece.
    const large = moved(face, { ...MOTION, scale: 2 });
    const double = miccDistance(bump, large);
    expect(double.forth / same.forth).toBeCloseTo(2, 1);
  });

  it("finds a bump as large as it is", () => {
    // Raised by h over a small part of a nearly flat face: the mean is h times that part's share of vertices.
    const height = 4;
    const raised = (x: number, y: number) => Math.abs(x - 30) < 12 && Math.abs(y - 30) < 12;
    const bump = sheet((x, y) => (raised(x, y) ? height : 0));
    const points = faceAround(bump, 95);
    let count = 0;
    for (let i = 0; i < points.length; i += 3) {
      if (raised(points[i]!, points[i + 1]!)) count++;
    }
    const expected = (3 * height * count) / points.length;
    const { forth } = miccDistance(bump, sheet());
    // Alignment gives way a little, and slanted surface is nearer than straight below.
    expect(forth).toBeGreaterThan(0.5 * expected);
    expect(forth).toBeLessThan(1.5 * expected);
  });

  it("takes no notice of what lies farther than the radius from the nose tip", () => {
    const far = (x: number, y: number) => (Math.hypot(x, y) > 80 ? 30 : 0);
    const face = sheet(far);
    expect(miccDistance(face, sheet(), { radius: 60 }).forth).toBeLessThan(1e-3);
    expect(miccDistance(face, sheet(), { radius: 95 }).forth).toBeGreaterThan(1);
  });
});
