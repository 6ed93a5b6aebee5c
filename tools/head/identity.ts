// Directions in which one adult's head differs from another's, on the vertices of the source mesh.

import { alignRigidly, moveRigidly } from "./geometry-rigid.js";
import type { Source } from "./source.js";
import { mirror, symmetricPart } from "./symmetry.js";
import { CENTRAL, ORIGINS, SIDED, SKEWED } from "./targets.js";

export interface Direction {
  readonly name: string;
  /** `macro`, `asymmetry`, or the folder of a symmetric facial target. */
  readonly group: string;
  /** `N x 3`, decimetres. */
  readonly displacement: Float64Array;
}

const SEXES = ["female", "male"] as const;
const AGES = ["young", "old"] as const;
type Origin = (typeof ORIGINS)[number];
type Sex = (typeof SEXES)[number];
type Age = (typeof AGES)[number];

const add = <T extends Float64Array>(a: T, b: ArrayLike<number>, weight = 1): T => {
  for (let i = 0; i < a.length; i++) a[i]! += weight * b[i]!;
  return a;
};

const combine = (terms: readonly (readonly [ArrayLike<number>, number])[]) => {
  const out = new Float64Array(terms[0]![0].length);
  for (const [field, weight] of terms) add(out, field, weight);
  return out;
};

/** The adult mean and the macro directions around it. */
export interface Macro {
  /** `N x 3`, decimetres: young, half of each sex, a third of each origin; exactly symmetric. */
  readonly mean: Float64Array;
  readonly directions: readonly Direction[];
}

/**
 * Bodies differ in height and stance, which says nothing about heads: every variant is first brought
 * onto the mean by the rigid motion that fits its skull. Its size is kept.
 *
 * @param skull vertices to align by
 */
export async function macroDirections(
  source: Source,
  symmetry: Uint32Array,
  skull: readonly number[],
): Promise<Macro> {
  const base = source.mesh.vertices;
  const body = async (sex: Sex, age: Age, muscle: string, weight: string) =>
    source.target(`macrodetails/universal-${sex}-${age}-${muscle}muscle-${weight}weight`);
  const raw = new Map<string, Float64Array>();
  for (const sex of SEXES) {
    for (const age of AGES) {
      const average = await body(sex, age, "average", "average");
      for (const origin of ORIGINS) {
        const face = await source.target(`macrodetails/${origin}-${sex}-${age}`);
        raw.set(
          `${origin} ${sex} ${age}`,
          combine([
            [base, 1],
            [average, 1],
            [face, 1],
          ]),
        );
      }
    }
  }

  // The mean of the aligned young heads; alignment and mean settle in a few rounds.
  const young = ORIGINS.flatMap((origin) => SEXES.map((sex) => raw.get(`${origin} ${sex} young`)!));
  const average = (shapes: readonly Float64Array[]) =>
    combine(shapes.map((shape) => [shape, 1 / shapes.length]));
  const align = (shape: Float64Array, to: Float64Array) =>
    moveRigidly(shape, alignRigidly(shape, to, skull));
  let mean: Float64Array = average(young);
  for (let round = 0; round < 5; round++) mean = average(young.map((shape) => align(shape, mean)));
  mean = symmetricPart(mean, symmetry);

  const heads = new Map([...raw].map(([key, shape]) => [key, align(shape, mean)]));
  const head = (origins: readonly Origin[], sexes: readonly Sex[], ages: readonly Age[]) =>
    average(
      origins.flatMap((o) => sexes.flatMap((s) => ages.map((a) => heads.get(`${o} ${s} ${a}`)!))),
    );
  const fields: [name: string, field: Float64Array][] = [];
  const difference = (a: Float64Array, b: Float64Array, share = 1) =>
    combine([
      [a, share],
      [b, -share],
    ]);
  const ageing = (origins: readonly Origin[], sexes: readonly Sex[]) =>
    difference(head(origins, sexes, ["old"]), head(origins, sexes, ["young"]));
  const maleness = (origins: readonly Origin[]) =>
    difference(head(origins, ["male"], ["young"]), head(origins, ["female"], ["young"]), 0.5);
  const sex = maleness(ORIGINS);
  const age = ageing(ORIGINS, SEXES);
  fields.push(["sex", sex], ["age", age]);
  fields.push(["age-sex", difference(ageing(ORIGINS, ["male"]), ageing(ORIGINS, ["female"]), 0.5)]);
  for (const origin of ORIGINS) {
    fields.push([origin, difference(head([origin], SEXES, ["young"]), mean)]);
    fields.push([`${origin}-sex`, difference(maleness([origin]), sex)]);
    fields.push([`${origin}-age`, difference(ageing([origin], SEXES), age)]);
  }

  // Weight, muscle and proportions act on top of any face: taken around the mean of each sex.
  const onSex = async (name: string, target: (sex: Sex) => Promise<Float64Array>) => {
    const moved: Float64Array[] = [];
    for (const which of SEXES) {
      const start = head(ORIGINS, [which], ["young"]);
      moved.push(difference(align(add(start.slice(), await target(which)), start), start));
    }
    fields.push([name, average(moved)]);
    fields.push([`${name}-sex`, difference(moved[1]!, moved[0]!, 0.5)]);
  };
  const relative = async (which: Sex, muscle: string, weight: string) =>
    difference(
      await body(which, "young", muscle, weight),
      await body(which, "young", "average", "average"),
    );
  await onSex("weight-more", (which) => relative(which, "average", "max"));
  await onSex("weight-less", (which) => relative(which, "average", "min"));
  await onSex("muscle-more", (which) => relative(which, "max", "average"));
  await onSex("muscle-less", (which) => relative(which, "min", "average"));
  for (const kind of ["ideal", "uncommon"]) {
    await onSex(`proportions-${kind}`, (which) =>
      source.target(
        `macrodetails/proportions/${which}-young-averagemuscle-averageweight-${kind}proportions`,
      ),
    );
  }
  return {
    mean,
    directions: fields.map(([name, field]) => ({
      name: `macro/${name}`,
      group: "macro",
      displacement: symmetricPart(field, symmetry),
    })),
  };
}

/**
 * Facial targets. Those of one side become a symmetric direction (both sides) and an asymmetric one
 * (left side as it is, right side the opposite); opposites such as `-incr` and `-decr` stay two
 * directions, since neither is the negative of the other.
 */
export async function facialDirections(
  source: Source,
  symmetry: Uint32Array,
  mean: Float64Array,
  skull: readonly number[],
): Promise<Direction[]> {
  const out: Direction[] = [];
  const group = (name: string) => name.split("/")[0]!;
  const still = (field: Float64Array) => withoutHeadMotion(field, mean, skull);
  for (const name of CENTRAL) {
    const field = await source.target(name);
    const local = MOVES_HEAD.has(group(name)) ? still(field) : field;
    const displacement = symmetricPart(local, symmetry);
    out.push({ name, group: group(name), displacement });
    // Targets that push to one side, such as `mouth-trans-in`.
    const sideways = combine([
      [local, 1],
      [displacement, -1],
    ]);
    out.push({ name: `${name}-asymmetric`, group: "asymmetry", displacement: sideways });
  }
  for (const [name, sides] of Object.entries(SIDED)) {
    const left = await leftSide(source, symmetry, name, sides);
    const right = mirror(left, symmetry);
    out.push({ name, group: group(name), displacement: add(left.slice(), right) });
    out.push({
      name: `${name}-asymmetric`,
      group: "asymmetry",
      displacement: add(left.slice(), right, -1),
    });
  }
  for (const name of SKEWED) {
    const left = await source.target(`${name}-l`);
    add(left, mirror(await source.target(`${name}-r`), symmetry));
    const right = mirror(left, symmetry);
    const sum = combine([
      [left, 0.5],
      [right, 0.5],
    ]);
    const skew = combine([
      [left, 0.5],
      [right, -0.5],
    ]);
    out.push({ name, group: "asym", displacement: sum });
    out.push({ name: `${name}-asymmetric`, group: "asymmetry", displacement: skew });
  }
  return out;
}

/** Folders whose targets tilt or shift the whole head. */
const MOVES_HEAD = new Set(["head", "neck"]);

/** A sided target as it acts on the left, averaged with the right one's mirror image where both exist. */
async function leftSide(
  source: Source,
  symmetry: Uint32Array,
  name: string,
  sides: "l" | "r" | "lr",
): Promise<Float64Array> {
  const at = (side: string) => source.target(name.replace("/", `/${side}-`));
  if (sides === "l") return at("l");
  const right = mirror(await at("r"), symmetry);
  if (sides === "r") return right;
  return combine([
    [await at("l"), 0.5],
    [right, 0.5],
  ]);
}

/** What a displacement does apart from moving the skull: a pose is no identity. */
function withoutHeadMotion(
  field: Float64Array,
  mean: Float64Array,
  skull: readonly number[],
): Float64Array {
  const moved = add(mean.slice(), field);
  return add(moveRigidly(moved, alignRigidly(moved, mean, skull)), mean, -1);
}
