import { EXPRESSION_ALIASES, type MorphableModel } from "@ganfit/core";
import { describe, expect, it } from "vitest";
import { parseColour } from "./colour.js";
import { parseExpression, withExpressions } from "./expressions.js";
import { lightOf, parseLight } from "./light.js";

function modelWith(names: string[], prior: "normal" | "unit-interval" = "unit-interval") {
  return { name: "m", expression: { names, prior } } as unknown as MorphableModel;
}

describe("--expression", () => {
  const arkit = modelWith(["jawOpen", "mouthSmileLeft", "mouthSmileRight", "eyeBlinkLeft"]);
  const start = Float32Array.of(0.25, 0, 0, 0.5);
  const set = (...texts: string[]) =>
    withExpressions(
      arkit,
      start,
      texts.reduce<ReturnType<typeof parseExpression>>(
        (all, text) => parseExpression(text, all),
        [],
      ),
    );

  it("changes what is named, in order", () => {
    expect(set("jawOpen=1")).toEqual(Float32Array.of(1, 0, 0, 0.5));
    expect(set("neutral", "smile=0.5")).toEqual(Float32Array.of(0, 0.5, 0.5, 0));
    expect(set("jawOpen=1", "neutral")).toEqual(new Float32Array(4));
    expect(start).toEqual(Float32Array.of(0.25, 0, 0, 0.5));
  });

  it("names the nearest where there is none of the name", () => {
    expect(() => set("mouthsmile=1")).toThrow(/nearest are mouthSmileLeft, mouthSmileRight/);
    expect(() => set("smlie=1")).toThrow(/nearest are smile/);
    for (const name of ["__proto__", "constructor", "toString", "x=y"]) {
      expect(() => set(`${name}=1`)).toThrow(/has no expression/);
    }
  });

  it("has no everyday names where the model lacks ARKit's modes", () => {
    expect(() => withExpressions(modelWith(["exp0"]), new Float32Array(1), [["smile", 1]])).toThrow(
      /nearest are exp0/,
    );
  });

  it("takes strengths that the model can have", () => {
    expect(() => set("jaw=1.5")).toThrow(/from 0 to 1/);
    const flame = modelWith(["exp0"], "normal");
    expect(withExpressions(flame, new Float32Array(1), [["exp0", -2]])).toEqual(
      Float32Array.of(-2),
    );
    for (const text of ["smile", "smile=", "=1", "smile=NaN", "smile=1e3", "smile=0x1", ""]) {
      expect(() => parseExpression(text), text).toThrow(/name and a strength/);
    }
  });

  it("is made of shares of whole strength", () => {
    for (const modes of Object.values(EXPRESSION_ALIASES)) {
      for (const [, share] of modes) expect(share > 0 && share <= 1).toBe(true);
    }
  });
});

describe("--background and --light", () => {
  it("knows colours", () => {
    expect(parseColour("#fff")).toEqual([255, 255, 255]);
    expect(parseColour("#10aB00")).toEqual([16, 171, 0]);
    expect(parseColour("grey")).toEqual([128, 128, 128]);
    for (const text of ["", "#ffff", "red2", "constructor", "#gggggg"]) {
      expect(parseColour(text), text).toBeNull();
    }
  });

  it("puts lamps where the viewer sees them", () => {
    const camera = {
      position: [1000, 0, 0] as const,
      lookAt: [0, 0, 0] as const,
      focalLength: 1000,
      roll: 0,
      principalPoint: [0, 0] as const,
    };
    const at = (text: string) => {
      const light = lightOf(parseLight(text), camera, {
        kind: "spherical-harmonics",
        coefficients: [],
      });
      return light.kind === "phong" ? light.position.map((value) => Math.round(value) + 0) : null;
    };
    expect(at("0,0")).toEqual([3000, 0, 0]);
    expect(at("90,0")?.map(Math.abs)).toEqual([0, 0, 3000]);
    expect(at("90,0")![2]).toBe(-3000);
    expect(at("0,90")![1]).toBe(3000);
    expect(at("studio")).toBeNull();
    for (const text of ["", "sun", "10", "1,2,3", "200,0", "0,91", "a,b"]) {
      expect(() => parseLight(text), text).toThrow(/azimuth/);
    }
  });
});
