import { describe, expect, it } from "vitest";
import { AMBIENT, type PhongLighting } from "./lighting.js";
import { irradianceAt, shadeColour, specularAt } from "./lighting-evaluate.js";

const lamp: PhongLighting = {
  kind: "phong",
  position: [0, 0, 100],
  colour: [1, 0.5, 0],
  ambient: [0.1, 0.2, 0.3],
  specular: 0.4,
  shininess: 2,
};

describe("light in numbers", () => {
  it("leaves a texture as it is under even light", () => {
    const out = [0, 0, 0];
    shadeColour(AMBIENT, [0.2, 0.5, 1], [1, 2, 3], [0.6, 0, 0.8], [0, 0, 500], out);
    expect(out).toEqual([0.2, 0.5, 1]);
  });

  it("sums the harmonics in the order of their basis", () => {
    const coefficients = new Array(27).fill(0);
    [2, 3, 5, 7, 11, 13, 17, 19, 23].forEach((value, k) => {
      coefficients[3 * k + 1] = value;
    });
    const out = [9, 9, 9];
    const [x, y, z] = [2 / 7, 3 / 7, 6 / 7];
    irradianceAt({ kind: "spherical-harmonics", coefficients }, [0, 0, 0], [x, y, z], out);
    const second = 11 * x * y + 13 * y * z + 17 * (3 * z * z - 1) + 19 * x * z;
    expect(out[1]).toBeCloseTo(2 + 3 * x + 5 * y + 7 * z + second + 23 * (x * x - y * y), 12);
    expect([out[0], out[2]]).toEqual([0, 0]);
  });

  it("has Phong's diffuse light fall with the cosine and vanish behind", () => {
    const out = [0, 0, 0];
    irradianceAt(lamp, [0, 0, 0], [0, 0.6, 0.8], out);
    for (const [c, value] of [0.9, 0.6, 0.3].entries()) expect(out[c]).toBeCloseTo(value, 12);
    irradianceAt(lamp, [0, 0, 0], [0, 0, -1], out);
    expect(out).toEqual([0.1, 0.2, 0.3]);
  });

  it("has a highlight where the mirrored light meets the viewer", () => {
    expect(specularAt(lamp, [0, 0, 0], [0, 0, 1], [0, 0, 50])).toBeCloseTo(0.4, 12);
    const aside = specularAt(lamp, [0, 0, 0], [0, 0, 1], [30, 0, 40]);
    expect(aside).toBeCloseTo(0.4 * 0.8 ** 2, 12);
    expect(specularAt(lamp, [0, 0, 0], [0, 0, -1], [0, 0, -50])).toBe(0);
  });
});
