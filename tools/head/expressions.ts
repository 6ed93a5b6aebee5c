// Blend shapes as displacements of the vertices of the source mesh.

import { GanfitError } from "../../packages/core/src/errors.js";
import { ARKIT, type Half, OWN_UNITS } from "./arkit.js";
import { alignRigidly, moveRigidly, type RigidMotion } from "./geometry-rigid.js";
import type { HeadFaces } from "./parts.js";
import type { Source, SourceMesh } from "./source.js";
import { mirror, symmetricPart } from "./symmetry.js";
import { ORIGINS } from "./targets.js";

export interface Expression {
  readonly name: string;
  /** `N x 3`, decimetres. */
  readonly displacement: Float64Array;
}

/** Half the width over which the left half of a bilateral movement fades into the right, decimetres. */
const HALF_FADE = 0.12;

/** How far an eye turns at full strength, degrees: MakeHuman's large eyeballs need less than real ones. */
const GAZE = { up: 15, down: 18, in: 28, out: 28 } as const;

/** How far the lower incisors go at full strength, decimetres. */
const JAW_FORWARD = 0.06;
const JAW_SIDEWAYS = 0.07;

/** Around the line where the lips meet, `mouth-close` holds fully, then fades out: decimetres. */
const LIPS_HELD = 0.07;
const LIPS_FADE = 0.3;

/** How far the tip of the tongue comes out, decimetres, and the share of the tongue that stays behind. */
const TONGUE_REACH = [0, -0.06, 0.42] as const;
const TONGUE_ROOT = 0.35;

/**
 * The 52 shapes of ARKit, then MakeHuman's units that add something, all exactly symmetric or in exactly
 * mirrored pairs.
 *
 * @param mean `N x 3`, the head they act on
 */
export async function expressionFields(
  source: Source,
  symmetry: Uint32Array,
  mean: Float64Array,
  faces: HeadFaces,
): Promise<Expression[]> {
  const open = await jawOpening(source, symmetry, mean, faces);
  const field = async (term: string): Promise<Float64Array> => {
    if (term.startsWith(":")) return byRule(term.slice(1), mean, source.mesh, faces, open);
    if (term === "mouth-open") return open.field;
    if (term.includes("/")) return symmetrised(symmetry, term, (name) => source.target(name));
    return symmetrised(symmetry, term, (name) => unitField(source, name));
  };
  const out: Expression[] = [];
  for (const [name, { terms, half }] of ARKIT) {
    const displacement = new Float64Array(mean.length);
    for (const [term, weight] of terms) {
      const values = await field(term);
      for (let i = 0; i < displacement.length; i++) displacement[i]! += weight * values[i]!;
    }
    out.push({ name, displacement: halved(displacement, mean, half) });
  }
  for (const name of OWN_UNITS) out.push({ name, displacement: await field(name) });
  return out;
}

/** A unit averaged over the three groups it exists for. */
async function unitField(source: Source, unit: string): Promise<Float64Array> {
  const out = new Float64Array(source.mesh.vertices.length);
  for (const origin of ORIGINS) {
    const field = await source.target(`expression/units/${origin}/${unit}`);
    for (let i = 0; i < out.length; i++) out[i]! += field[i]! / ORIGINS.length;
  }
  return out;
}

/** The name of the other side's field, or the same where a name has no side. */
function otherSide(name: string): string {
  const swaps: readonly (readonly [string, string])[] = [
    ["-left-", "-right-"],
    ["/l-", "/r-"],
    ["-trans-in", "-trans-out"],
  ];
  for (const [a, b] of swaps) {
    if (name.includes(a)) return name.replace(a, b);
    if (name.includes(b)) return name.replace(b, a);
  }
  return name;
}

/** A field averaged with the mirror image of its other side's (or its own), to remove small differences. */
async function symmetrised(
  symmetry: Uint32Array,
  name: string,
  load: (name: string) => Promise<Float64Array>,
): Promise<Float64Array> {
  const other = otherSide(name);
  if (other === name) return symmetricPart(await load(name), symmetry);
  const out = mirror(await load(other), symmetry);
  const own = await load(name);
  for (let i = 0; i < out.length; i++) out[i] = (out[i]! + own[i]!) / 2;
  return out;
}

const smoothstep = (low: number, high: number, x: number) => {
  const t = Math.min(1, Math.max(0, (x - low) / (high - low)));
  return t * t * (3 - 2 * t);
};

/** The part of a bilateral field on one side of the face; both halves add up to the field. */
function halved(field: Float64Array, mean: Float64Array, half: Half): Float64Array {
  if (half === "both") return field;
  return field.map((value, i) => {
    const x = mean[i - (i % 3)]!;
    return value * smoothstep(-HALF_FADE, HALF_FADE, half === "left" ? x : -x);
  });
}

const verticesOf = (mesh: SourceMesh, { parts }: HeadFaces, names: readonly string[]) => [
  ...new Set(
    parts
      .filter(({ name }) => names.includes(name))
      .flatMap((part) => part.faces.flatMap((f) => [...mesh.quads.subarray(f * 4, f * 4 + 4)])),
  ),
];

interface JawOpening {
  /** MakeHuman's `mouth-open` with the tongue lying in the lower jaw. */
  readonly field: Float64Array;
  /** `N`: share of the lower jaw's motion that each vertex follows, 0 to 1. */
  readonly share: Float64Array;
  /** Depth (z) of the hinge of the jaw and of the lower incisors, decimetres. */
  readonly hinge: number;
  readonly incisors: number;
}

/**
 * MakeHuman opens the mouth with the lower teeth but leaves the tongue in the air: the tongue is given the
 * rigid motion of the teeth, less at its root. How much of that motion the skin follows is read off
 * the unit itself and serves the other movements of the jaw.
 */
async function jawOpening(
  source: Source,
  symmetry: Uint32Array,
  mean: Float64Array,
  faces: HeadFaces,
): Promise<JawOpening> {
  const field = await symmetrised(symmetry, "mouth-open", (name) => unitField(source, name));
  const moved = mean.map((value, i) => value + field[i]!);
  const teeth = verticesOf(source.mesh, faces, ["teeth-lower"]);
  const jaw: RigidMotion = alignRigidly(mean, moved, teeth);
  const rigid = moveRigidly(mean, jaw).map((value, i) => value - mean[i]!);
  const share = new Float64Array(mean.length / 3);
  for (const v of verticesOf(source.mesh, faces, ["skin", "mouth"])) {
    let along = 0;
    let whole = 0;
    for (let i = v * 3; i < v * 3 + 3; i++) {
      along += field[i]! * rigid[i]!;
      whole += rigid[i]! * rigid[i]!;
    }
    share[v] = Math.min(1, Math.max(0, along / whole));
  }
  // The unit bends the teeth by a millimetre.
  for (const v of teeth) {
    share[v] = 1;
    for (let i = v * 3; i < v * 3 + 3; i++) field[i] = rigid[i]!;
  }
  const tongue = verticesOf(source.mesh, faces, ["tongue"]);
  const along = alongTongue(mean, tongue);
  for (const [v, place] of along) {
    share[v] = smoothstep(-0.3, 0.6, place);
    for (let i = v * 3; i < v * 3 + 3; i++) field[i] = share[v]! * rigid[i]!;
  }
  const incisors = Math.max(...teeth.map((v) => mean[v * 3 + 2]!));
  return { field, share, hinge: hingeDepth(jaw), incisors };
}

/** Depth of the axis of a rotation about the x direction: the point of the y-z plane that stays. */
function hingeDepth({ rotation, translation }: RigidMotion): number {
  const [a, b, c, d] = [1 - rotation[4]!, -rotation[5]!, -rotation[7]!, 1 - rotation[8]!];
  return (a * translation[2] - c * translation[1]) / (a * d - b * c);
}

/** The lower jaw thrust forward, or swung to one side about a vertical axis through its hinge. */
function jawMotion(mean: Float64Array, open: JawOpening, direction: string): Float64Array {
  const reach = open.incisors - open.hinge;
  const out = new Float64Array(mean.length);
  for (let v = 0; v < open.share.length; v++) {
    const share = open.share[v]!;
    if (direction === "forward") {
      out[v * 3 + 2] = share * JAW_FORWARD;
      continue;
    }
    const slope = (share * (direction === "left" ? JAW_SIDEWAYS : -JAW_SIDEWAYS)) / reach;
    out[v * 3] = slope * (mean[v * 3 + 2]! - open.hinge);
    out[v * 3 + 2] = -slope * mean[v * 3]!;
  }
  return out;
}

/** For each vertex of the tongue its place between root (0) and tip (1). */
function alongTongue(mean: Float64Array, tongue: readonly number[]): Map<number, number> {
  const depths = tongue.map((v) => mean[v * 3 + 2]!);
  const back = Math.min(...depths);
  const front = Math.max(...depths);
  return new Map(tongue.map((v, i) => [v, (depths[i]! - back) / (front - back)]));
}

function byRule(
  rule: string,
  mean: Float64Array,
  mesh: SourceMesh,
  faces: HeadFaces,
  open: JawOpening,
): Float64Array {
  const [what, ...how] = rule.split("-");
  if (what === "eye") return gaze(mean, mesh, faces, how[0]!, how[1] as keyof typeof GAZE);
  if (what === "jaw") return jawMotion(mean, open, how[0]!);
  if (rule === "mouth-close") return closing(mean, mesh, faces, open);
  if (rule === "tongue-out") {
    const out = new Float64Array(mean.length);
    for (const [v, place] of alongTongue(mean, verticesOf(mesh, faces, ["tongue"]))) {
      const share = Math.max(0, (place - TONGUE_ROOT) / (1 - TONGUE_ROOT));
      for (let i = 0; i < 3; i++) out[v * 3 + i] = share * TONGUE_REACH[i]!;
    }
    return out;
  }
  throw new GanfitError("usage", `No rule makes ${rule}.`);
}

/** Turns one eyeball about its centre; `in` is towards the nose. */
function gaze(
  mean: Float64Array,
  mesh: SourceMesh,
  faces: HeadFaces,
  side: string,
  direction: keyof typeof GAZE,
): Float64Array {
  const eye = verticesOf(mesh, faces, [`eye-${side}`]);
  const range = (axis: number) => {
    const values = eye.map((v) => mean[v * 3 + axis]!);
    return [Math.min(...values), Math.max(...values)] as const;
  };
  const [left, right] = range(0);
  const [low, high] = range(1);
  // The cornea bulges out at the front, so depth is measured from the back of the ball.
  const centre = [(left + right) / 2, (low + high) / 2, range(2)[0] + (high - low) / 2] as const;
  const angle = (GAZE[direction] * Math.PI) / 180;
  const towardsLeft = (direction === "out") === (side === "left");
  const yaw = direction === "in" || direction === "out" ? (towardsLeft ? angle : -angle) : 0;
  const pitch = direction === "up" ? angle : direction === "down" ? -angle : 0;
  const out = new Float64Array(mean.length);
  for (const v of eye) {
    const [x, y, z] = [0, 1, 2].map((i) => mean[v * 3 + i]! - centre[i]!) as [
      number,
      number,
      number,
    ];
    out[v * 3] = x * (Math.cos(yaw) - 1) + z * Math.sin(yaw);
    out[v * 3 + 1] = y * (Math.cos(pitch) - 1) + z * Math.sin(pitch);
    out[v * 3 + 2] =
      z * (Math.cos(yaw) * Math.cos(pitch) - 1) - x * Math.sin(yaw) - y * Math.sin(pitch);
  }
  return out;
}

/** Undoes the opening of the jaw around the lips, so that both together keep the lips closed. */
function closing(
  mean: Float64Array,
  mesh: SourceMesh,
  faces: HeadFaces,
  open: JawOpening,
): Float64Array {
  const skin = verticesOf(mesh, faces, ["skin"]);
  const mouth = verticesOf(mesh, faces, ["mouth"]);
  const inside = new Set(mouth);
  const line = skin.filter((v) => inside.has(v));
  const out = new Float64Array(mean.length);
  for (const v of new Set([...skin, ...mouth])) {
    let nearest = Infinity;
    for (const u of line) {
      nearest = Math.min(
        nearest,
        Math.hypot(...[0, 1, 2].map((i) => mean[v * 3 + i]! - mean[u * 3 + i]!)),
      );
    }
    const share = 1 - smoothstep(LIPS_HELD, LIPS_FADE, nearest);
    for (let i = v * 3; i < v * 3 + 3; i++) out[i] = -share * open.field[i]!;
  }
  return out;
}
