import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ARKIT, correspondenceTable, OWN_UNITS } from "./arkit.js";
import { CENTRAL, permittedTargets, SIDED, UNITS } from "./targets.js";

/** Apple's ARFaceAnchor.BlendShapeLocation. */
const APPLE = `browDownLeft browDownRight browInnerUp browOuterUpLeft browOuterUpRight cheekPuff
cheekSquintLeft cheekSquintRight eyeBlinkLeft eyeBlinkRight eyeLookDownLeft eyeLookDownRight eyeLookInLeft
eyeLookInRight eyeLookOutLeft eyeLookOutRight eyeLookUpLeft eyeLookUpRight eyeSquintLeft eyeSquintRight
eyeWideLeft eyeWideRight jawForward jawLeft jawOpen jawRight mouthClose mouthDimpleLeft mouthDimpleRight
mouthFrownLeft mouthFrownRight mouthFunnel mouthLeft mouthLowerDownLeft mouthLowerDownRight mouthPressLeft
mouthPressRight mouthPucker mouthRight mouthRollLower mouthRollUpper mouthShrugLower mouthShrugUpper
mouthSmileLeft mouthSmileRight mouthStretchLeft mouthStretchRight mouthUpperUpLeft mouthUpperUpRight
noseSneerLeft noseSneerRight tongueOut`.split(/\s+/);

describe("ARKIT", () => {
  it("has Apple's 52 names", () => {
    expect([...ARKIT.keys()].sort()).toEqual([...APPLE].sort());
    expect(APPLE).toHaveLength(52);
  });

  it("is made of permitted units and targets only, and every unit is used", () => {
    const terms = [...ARKIT.values()].flatMap((recipe) => recipe.terms.map(([name]) => name));
    const units = new Set<string>(UNITS);
    const central = new Set<string>(CENTRAL);
    for (const term of terms.filter((name) => !name.startsWith(":"))) {
      const sides = SIDED[term.replace(/\/[lr]-/, "/")];
      expect(units.has(term) || central.has(term) || sides === "lr", term).toBe(true);
    }
    const used = new Set([...terms, ...OWN_UNITS]);
    expect(UNITS.filter((unit) => !used.has(unit))).toEqual([]);
  });

  it("says `unit` only where units alone are used", () => {
    for (const [name, { from, terms }] of ARKIT) {
      const kinds = new Set(
        terms.map(([term]) =>
          term.startsWith(":") ? "rule" : term.includes("/") ? "facial" : "unit",
        ),
      );
      if (from !== "rule") expect([...kinds], name).toEqual([from]);
      else expect(kinds.has("rule"), name).toBe(true);
    }
  });

  it("is what the documentation shows", () => {
    const path = new URL("../../docs/default-head.md", import.meta.url);
    expect(readFileSync(path, "utf8")).toContain(correspondenceTable());
  });
});

const LIST = new URL("../../../shared/data/makehuman-cc0-targets.txt", import.meta.url);

describe("targets", () => {
  it.skipIf(!existsSync(LIST))(
    "are all on the list of those found to be CC0 (needs ../shared)",
    () => {
      const permitted = new Set(readFileSync(LIST, "utf8").split("\n"));
      const used = permittedTargets();
      expect(used.length).toBeGreaterThan(400);
      for (const name of used) {
        expect(permitted.has(`data/targets/${name}.target`), name).toBe(true);
      }
    },
  );
});
