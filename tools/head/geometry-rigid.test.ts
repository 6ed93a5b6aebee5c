import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { alignRigidly, moveRigidly } from "./geometry-rigid.js";

const angle = fc.double({ min: -1, max: 1, noNaN: true });

describe("alignRigidly", () => {
  it("recovers a rotation and a translation", () => {
    const points = Array.from({ length: 60 }, (_, i) => ((Math.sin(i * i) * 43758.5453) % 1) * 40);
    const all = Array.from({ length: 20 }, (_, v) => v);
    fc.assert(
      fc.property(
        angle,
        angle,
        angle,
        fc.double({ min: -9, max: 9, noNaN: true }),
        (a, b, c, t) => {
          const about = (k: number, phi: number) => {
            const [i, j] = [(k + 1) % 3, (k + 2) % 3];
            return (p: number[]) => {
              const q = p.slice();
              q[i] = Math.cos(phi) * p[i]! - Math.sin(phi) * p[j]!;
              q[j] = Math.sin(phi) * p[i]! + Math.cos(phi) * p[j]!;
              return q;
            };
          };
          const turn = (p: number[]) => about(2, c)(about(1, b)(about(0, a)(p)));
          const to = all.flatMap((v) =>
            turn(points.slice(v * 3, v * 3 + 3)).map((x, i) => x + t * i),
          );
          const moved = moveRigidly(points, alignRigidly(points, to, all));
          for (const [i, x] of moved.entries()) expect(x).toBeCloseTo(to[i]!, 8);
        },
      ),
      { seed: 3, numRuns: 50 },
    );
  });

  it("ignores vertices that do not count", () => {
    const from = [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 5, 5, 5];
    const to = from.map((x, i) => (i < 12 ? x + 2 : -100));
    const { rotation, translation } = alignRigidly(from, to, [0, 1, 2, 3]);
    for (const [i, x] of rotation.entries()) expect(x).toBeCloseTo(i % 4 === 0 ? 1 : 0, 10);
    for (const x of translation) expect(x).toBeCloseTo(2, 10);
  });
});
