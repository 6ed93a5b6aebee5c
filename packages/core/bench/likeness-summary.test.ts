import { expect, it } from "vitest";
import type { PersonFigures } from "./likeness-person.js";
import { personLines, summary } from "./likeness-summary.js";

const EMPTY = { width: 1, height: 1, data: new Uint8Array(3) };

/** A right angle of three vertices, of this size in mm. */
const triangle = (size: number) => Float32Array.of(0, 0, 0, size, 0, 0, 0, size, 0);
const face = Uint32Array.of(0, 1, 2);

function person(name: string, genuine: number, nearest: number, size: number): PersonFigures {
  const photo = { name: `london-neutral/${name}.jpg`, path: "", heldOut: true, template: null };
  const identity = {
    person: name,
    heldOut: true,
    genuine,
    nearest,
    nearestPerson: "somebody",
    impostors: [nearest, 0],
  };
  const own = { psnr: 20 + size, ssim: 0.8, covered: 1, photo: EMPTY, painted: EMPTY };
  return {
    person: { name, heldOut: true, neutral: photo, smiling: photo },
    textures: [{ texture: "photo", identity, own }],
    real: 0.9,
    shapes: { first: triangle(size), second: triangle(size) },
    seconds: size,
  };
}

const people = [person("a", 0.7, 0.2, 3), person("b", 0.5, 0.6, 6), person("c", 0.4, 0.3, 9)];

it("one who could not be measured counts as not recognised", () => {
  expect(summary(people, "photo", 0, face)).toMatchObject({ identity: { rank1: 0.6667 } });
  expect(summary(people, "photo", 1, face)).toMatchObject({ failed: 1, identity: { rank1: 0.5 } });
});

it("the summary has means, the worst, and each area under the curve by its definition", () => {
  // Of 3 x 6 pairs of an own cosine and another's, b's 0.5 and c's 0.4 lie below 0.6.
  expect(summary(people, "photo", 0, face)).toMatchObject({
    texture: "photo",
    people: 3,
    identity: {
      auc: 0.8889,
      judge: { mean: 0.533, worst: 0.4 },
      real: { mean: 0.9, worst: 0.9 },
      others: { mean: 0.183, most: 0.6 },
    },
    own: { psnr: { mean: 26, worst: 23 } },
    shape: { same: 0, ratio: 0 },
    seconds: 6,
  });
});

it("what was not measured is not there", () => {
  expect(summary(people, "generated", 0, face)).not.toHaveProperty("identity");
  expect(summary(people, "photo", 0, face)).not.toHaveProperty("other");
  expect(summary([], "photo", 2, face)).toEqual({ texture: "photo", people: 0, failed: 2 });
});

it("a person's line names who they are taken for", () => {
  expect(personLines(people[0]!, face)).toEqual([
    {
      person: "a",
      texture: "photo",
      judge: 0.7,
      real: 0.9,
      next: "somebody",
      nextJudge: 0.2,
      own: { psnr: 23, ssim: 0.8, covered: 1 },
      shape: 0,
      seconds: 3,
    },
  ]);
  expect(personLines(people[1]!, face)[0]).toMatchObject({ takenFor: "somebody" });
});
