/**
 * Which pixels of a photograph show the face, other skin, hair and glasses.
 *
 * No network of free licence that parses faces comes in an npm package, so this is derived from the
 * landmarks and from the colours of the one photograph: where each kind of surface may lie follows
 * from the landmarks' polygons; what colour it has is learned from the picture itself, from where it
 * surely lies, in a few rounds of expectation-maximisation; and the evidence for each kind is smoothed
 * along the edges of the picture before they compete (cost-volume filtering, Rhemann et al. 2011, with
 * the guided filter of He et al. 2013). It is deterministic and takes no weights.
 */
import { GanfitError } from "../errors.js";
import type { Image, Mask } from "../image/image.js";
import { inPlane } from "../image/in-plane.js";
import { applySimilarity, invertSimilarity, type Similarity } from "../image/similarity.js";
import { warpMask, warpSimilarity } from "../image/warp.js";
import { fillEnclosed } from "./mask-fill.js";
import { guidedFilter } from "./mask-filter.js";
import {
  FACE_OVAL,
  INNER_LIPS,
  LEFT_BROW,
  LEFT_EYE,
  OUTER_LIPS,
  type Polygon,
  polygonMask,
  polygonOf,
  RIGHT_BROW,
  RIGHT_EYE,
  signedDistance,
} from "./mask-geometry.js";
import { CROP, headCrop } from "./segmentation-crop.js";
import { isCrownBare } from "./segmentation-crown.js";
import { findGlasses } from "./segmentation-glasses.js";
import { colourCells, colourModel, labPlanes } from "./skin-colour.js";

/** Masks of one face, values in [0, 1]. They overlap: `face` holds all that lies on the face. */
export interface FaceMasks {
  /** All of the face that is seen, with brows, eyes, lips and beard; without ears, neck, hair, glasses. */
  readonly face: Mask;
  /** Of `face`, the bare skin: without brows, eyes, lips and beard. */
  readonly skin: Mask;
  /** Ears, neck and other skin close by. */
  readonly otherSkin: Mask;
  /** Hair of the head, also where it hangs over the face. A hat mostly counts as hair too. */
  readonly hair: Mask;
  /** Of `face`, what is coloured as hair below the nose. */
  readonly beard: Mask;
  /** Frames and lenses, all 0 where no glasses were found. */
  readonly glasses: Mask;
  /** From the landmarks alone, also where hair or glasses lie over them. */
  readonly eyes: Mask;
  readonly brows: Mask;
  /** Both lips, without what shows between them. */
  readonly lips: Mask;
  /** Between the lips. */
  readonly mouth: Mask;
}

export interface FaceSegmentation extends FaceMasks {
  /** From the masks' pixels to the photograph's: an upright square around the head. */
  readonly toImage: Similarity;
  /** Whether the person wears glasses. */
  readonly hasGlasses: boolean;
}

/** Kinds of surface that compete for each pixel. */
const FACE = 0;
const SKIN = 1;
const HAIR = 2;
const OTHER = 3;
const KINDS = 4;

/** Pixels of the crop. */
const COUNT = CROP * CROP;

const ROUNDS = 4;
/** Guided filter: radius in pixels of the crop, and variance that is no edge. */
const RADIUS = 4;
const EPSILON = 1e-4;
/** Log-likelihoods are bounded so that one colour cannot outvote a neighbourhood. */
const MOST = 5;

/**
 * @param image a photograph
 * @param landmarks `478 x 3`, of a face in it, in its pixels
 * @returns masks of 256 x 256 pixels; `maskInImage` brings one back to the photograph
 * @throws GanfitError `usage` when there are not 478 finite landmarks
 */
export function segmentFace(image: Image, landmarks: ArrayLike<number>): FaceSegmentation {
  if (landmarks.length !== 3 * 478 || !Array.prototype.every.call(landmarks, Number.isFinite)) {
    throw new GanfitError("usage", "A face is segmented with 478 finite landmarks of x, y and z.");
  }
  const toImage = headCrop(landmarks);
  const crop = warpSimilarity(image, toImage, CROP, CROP, { border: "replicate" });
  const points = applySimilarity(invertSimilarity(toImage), inPlane(landmarks));
  const lab = labPlanes(crop.data);
  const layout = layoutOf(points, isCrownBare(lab, points, CROP));
  const glasses = findGlasses(lab, points, CROP);
  const posterior = classify(lab, layout, glasses.mask);
  return {
    ...masksOf(posterior, layout, glasses.mask),
    toImage,
    hasGlasses: glasses.found,
  };
}

/** A mask of `segmentFace` in the pixels of the photograph; 0 outside of the crop. */
export function maskInImage(
  mask: Mask,
  { toImage }: { readonly toImage: Similarity },
  width: number,
  height: number,
): Mask {
  return warpMask(mask, invertSimilarity(toImage), width, height);
}

interface Layout {
  /** Distances over the height of the face, negative inside: of the landmarks' oval, ... */
  readonly oval: Float32Array;
  /** ... and of the oval with the dome of the skull on it. */
  readonly dome: Float32Array;
  /** Per pixel, of the height of the face below the brows (negative: above them). */
  readonly belowBrows: (pixel: number) => number;
  readonly belowNose: (pixel: number) => number;
  readonly belowChin: (pixel: number) => number;
  readonly besides: (pixel: number) => number;
  readonly eyes: Float32Array;
  readonly brows: Float32Array;
  readonly lips: Float32Array;
  readonly mouth: Float32Array;
  /** Whether the crown of the head is bare. */
  readonly bare: boolean;
}

/** How far above the oval's top the skull reaches, over the height of the eyes below it. */
const DOME = 0.62;

function layoutOf(points: ArrayLike<number>, bare: boolean): Layout {
  const y = (i: number) => points[2 * i + 1]!;
  const oval = polygonOf(points, FACE_OVAL);
  const [top, chin] = [y(10), y(152)];
  const size = chin - top;
  const eyeLine = (y(33) + y(263)) / 2;
  const dome = oval.map((value, i) => {
    if (i % 2 === 0 || value > eyeLine) return value;
    const raised = (eyeLine - value) / (eyeLine - top);
    return value - DOME * raised * (eyeLine - value);
  });
  const distance = (polygon: Polygon) => {
    const values = signedDistance(polygon, CROP, CROP);
    for (let i = 0; i < values.length; i++) values[i]! /= size;
    return values;
  };
  const mean = (indices: readonly number[]) =>
    indices.reduce((sum, i) => sum + y(i), 0) / indices.length;
  const browLine = mean([...RIGHT_BROW, ...LEFT_BROW]);
  const middle = (points[2 * 234]! + points[2 * 454]!) / 2;
  const row = (pixel: number) => Math.floor(pixel / CROP) + 0.5;
  const union = (...indices: (readonly number[])[]) => {
    const masks = indices.map((each) => polygonMask(polygonOf(points, each), CROP, CROP));
    return masks.reduce((all, mask) => all.map((value, i) => Math.max(value, mask[i]!)));
  };
  const mouth = union(INNER_LIPS);
  return {
    oval: distance(oval),
    dome: distance(dome),
    belowBrows: (pixel) => (row(pixel) - browLine) / size,
    belowNose: (pixel) => (row(pixel) - y(2)) / size,
    belowChin: (pixel) => (row(pixel) - chin) / size,
    besides: (pixel) => Math.abs((pixel % CROP) + 0.5 - middle) / size,
    eyes: union(RIGHT_EYE, LEFT_EYE),
    brows: union(RIGHT_BROW, LEFT_BROW),
    lips: union(OUTER_LIPS).map((value, i) => Math.max(0, value - mouth[i]!)),
    mouth,
    bare,
  };
}

/** 0 below `from`, 1 above `to`, smooth between. */
function step(from: number, to: number, value: number): number {
  const t = Math.min(1, Math.max(0, (value - from) / (to - from)));
  return t * t * (3 - 2 * t);
}

/** How likely each kind is at a pixel before its colour is seen; not normalised. */
function priorAt(layout: Layout, pixel: number, to: Float64Array): void {
  const oval = layout.oval[pixel]!;
  const dome = layout.dome[pixel]!;
  const besides = layout.besides(pixel);
  const { bare } = layout;
  const upper = 1 - step(-0.12, 0.06, layout.belowBrows(pixel));
  const below = layout.belowChin(pixel);
  const outside = step(-0.012, 0.012, oval);
  const above = step(-0.03, 0.03, dome);
  to[FACE] =
    (1 - outside) * (1 - 0.3 * upper * step(-0.15, 0, oval)) +
    (bare ? 1.2 : 0.4) * outside * upper * (1 - above) +
    1e-4;
  const ear = (1 - upper) * (1 - step(0.1, 0.16, oval)) * (1 - step(-0.3, -0.1, below));
  const neck = step(-0.25, 0, below) * (1 - step(0.4, 0.6, besides));
  to[SKIN] = outside * (0.5 * ear + 0.6 * neck + 0.01) + 1e-3;
  const near = Math.exp(-Math.max(0, dome) / 0.2);
  to[HAIR] =
    outside *
      ((bare ? 0.08 : 0.5) * (1 - above) * upper +
        above * (0.03 + (bare ? 0.1 : 0.5) * near) * (1 - 0.85 * step(-0.2, 0.25, below))) +
    (1 - outside) * (0.04 + (bare ? 0.02 : 0.25) * upper * step(-0.25, 0, oval)) +
    0.12 * outside * (1 - upper) * (1 - 0.9 * step(0, 0.25, below) * step(0.3, 0.5, besides));
  to[OTHER] =
    outside * (0.005 + 0.05 * above + 0.6 * step(0.02, 0.35, dome) + 0.3 * (1 - upper)) + 0.004;
}

/** Probabilities of the kinds, `KINDS` planes. */
function classify(
  lab: ReturnType<typeof labPlanes>,
  layout: Layout,
  glasses: Float32Array,
): Float64Array[] {
  const priors = planes();
  const prior = new Float64Array(KINDS);
  for (let i = 0; i < COUNT; i++) {
    priorAt(layout, i, prior);
    const total = prior[FACE]! + prior[SKIN]! + prior[HAIR]! + prior[OTHER]!;
    for (let k = 0; k < KINDS; k++) priors[k]![i] = prior[k]! / total;
  }
  const cells = colourCells(lab);
  const filter = guidedFilter(lab, CROP, CROP, RADIUS, EPSILON);
  // Eyes, lips and glasses have colours of their own, which say nothing.
  const seen = new Float32Array(COUNT);
  for (let i = 0; i < COUNT; i++) {
    seen[i] = 1 - Math.max(glasses[i]!, layout.eyes[i]!, layout.lips[i]!, layout.mouth[i]!);
  }
  const weights = seeds(layout, cells, seen);
  const posterior = planes();
  for (let round = 0; round < ROUNDS; round++) {
    const { skin, hair } = fieldsOf(cells, weights, seen);
    const [skinEvidence, hairEvidence] = [filter.apply(skin), filter.apply(hair)];
    for (let i = 0; i < COUNT; i++) {
      const forSkin = Math.exp(SHARPNESS * skinEvidence[i]!);
      const face = priors[FACE]![i]! * forSkin;
      const other = priors[OTHER]![i]!;
      const otherSkin = priors[SKIN]![i]! * forSkin;
      const ofHair = priors[HAIR]![i]! * Math.exp(SHARPNESS * hairEvidence[i]!);
      const sum = face + otherSkin + ofHair + other;
      posterior[FACE]![i] = face / sum;
      posterior[SKIN]![i] = otherSkin / sum;
      posterior[HAIR]![i] = ofHair / sum;
      posterior[OTHER]![i] = other / sum;
      // Both kinds of skin have the colours of the face.
      weights[FACE]![i] = ((face + 0.3 * otherSkin) / sum) * seen[i]!;
      weights[HAIR]![i] = (ofHair / sum) * seen[i]!;
      weights[OTHER]![i] = (other / sum) * seen[i]!;
    }
  }
  posterior[HAIR] = attached(posterior[HAIR]!, layout);
  return posterior;
}

/**
 * How much likelier each pixel's colour is for skin, and for hair, than for what is neither; natural
 * logarithms.
 */
function fieldsOf(cells: Int32Array, weights: readonly Float64Array[], seen: Float32Array) {
  const skin = colourModel(cells, weights[FACE]!);
  const hair = colourModel(cells, weights[HAIR]!);
  const other = colourModel(cells, weights[OTHER]!);
  // Per cell first: there are fewer of them than pixels.
  for (let cell = 0; cell < other.length; cell++) {
    const forSkin = Math.log(skin[cell]!);
    const forHair = Math.log(hair[cell]!);
    const forOther = Math.log(other[cell]!);
    const least = Math.max(forSkin, forHair, forOther) - MOST;
    skin[cell] = Math.max(least, forSkin) - Math.max(least, forOther);
    hair[cell] = Math.max(least, forHair) - Math.max(least, forOther);
  }
  const fields = { skin: new Float64Array(cells.length), hair: new Float64Array(cells.length) };
  for (let i = 0; i < cells.length; i++) {
    fields.skin[i] = skin[cells[i]!]! * seen[i]!;
    fields.hair[i] = hair[cells[i]!]! * seen[i]!;
  }
  return fields;
}

/** How much the colours of a neighbourhood count against the place. */
const SHARPNESS = 1.6;

/** Where each kind lies surely enough to learn its colours from. */
function seeds(layout: Layout, cells: Int32Array, seen: Float32Array): Float64Array[] {
  const result = planes();
  const top = new Float64Array(COUNT);
  for (let i = 0; i < COUNT; i++) {
    const cheeks = layout.oval[i]! < -0.05 && layout.belowBrows(i) > 0.06;
    const crownSkin = layout.bare && layout.dome[i]! < -0.06 && layout.besides(i) < 0.2;
    result[FACE]![i] = cheeks || crownSkin ? seen[i]! * (1 - layout.brows[i]!) : 0;
    result[OTHER]![i] = layout.dome[i]! > 0.3 ? 1 : 0;
    const crown = layout.dome[i]! > -0.06 && layout.dome[i]! < 0.06;
    const side = !layout.bare || layout.besides(i) > 0.28;
    top[i] = crown && side && layout.belowBrows(i) < -0.12 ? 1 : 0;
  }
  // Of what lies where hair would, only the colours that are not the skin's or the background's.
  const known = [FACE, OTHER].map((kind) => colourModel(cells, result[kind]!));
  const even = known[0]!.length;
  for (let i = 0; i < top.length; i++) {
    const explained = even * Math.max(known[0]![cells[i]!]!, known[1]![cells[i]!]!);
    result[HAIR]![i] = top[i]! / (1 + (explained / EXPLAINED) ** 2);
  }
  return result;
}

/** Density over that of evenly spread colours, from which on a colour counts as explained. */
const EXPLAINED = 40;

function planes(): Float64Array[] {
  return Array.from({ length: KINDS }, () => new Float64Array(COUNT));
}

/**
 * Hair that hangs together with the head: what the flood from its surroundings reaches keeps its
 * probability, islands elsewhere are something of the same colour.
 */
function attached(hair: Float64Array, layout: Layout): Float64Array {
  const reached = new Uint8Array(hair.length);
  const open: number[] = [];
  const visit = (i: number) => {
    if (reached[i] || hair[i]! < 0.3) return;
    reached[i] = 1;
    open.push(i);
  };
  for (let i = 0; i < hair.length; i++) {
    if (Math.abs(layout.dome[i]!) < 0.05 && layout.belowBrows(i) < 0) visit(i);
  }
  for (let i = open.pop(); i !== undefined; i = open.pop()) {
    if (i % CROP > 0) visit(i - 1);
    if (i % CROP < CROP - 1) visit(i + 1);
    if (i >= CROP) visit(i - CROP);
    if (i < hair.length - CROP) visit(i + CROP);
  }
  return hair.map((value, i) => (reached[i] || layout.oval[i]! < 0 ? value : 0));
}

function masksOf(posterior: Float64Array[], layout: Layout, glasses: Float32Array): FaceMasks {
  const mask = (data: Float32Array): Mask => ({ width: CROP, height: CROP, data });
  const plane = () => new Float32Array(COUNT);
  const { eyes, brows, lips, mouth } = layout;
  const [face, skin, otherSkin, hair, beard] = [plane(), plane(), plane(), plane(), plane()];
  for (let i = 0; i < COUNT; i++) {
    const hairHere = posterior[HAIR]![i]!;
    // Hair over the lower face grows there, unless it hangs in from the sides.
    const grown = step(0, 0.04, layout.belowNose(i)) * (1 - step(-0.03, 0.01, layout.oval[i]!));
    beard[i] = hairHere * grown;
    face[i] = Math.min(1, posterior[FACE]![i]! + beard[i]!);
  }
  const enclosed = fillEnclosed(face, CROP, CROP);
  for (let i = 0; i < COUNT; i++) {
    const hairHere = posterior[HAIR]![i]!;
    const bare = 1 - glasses[i]!;
    const feature = Math.max(eyes[i]!, brows[i]!, lips[i]!, mouth[i]!);
    // Brows, pupils and nostrils have hair's colour; hair itself reaches in from outside.
    const own = Math.min(enclosed[i]! - face[i]!, Math.max(hairHere, feature));
    skin[i] = posterior[FACE]![i]! * bare * (1 - feature);
    face[i] = (face[i]! + own) * bare;
    otherSkin[i] = posterior[SKIN]![i]!;
    hair[i] = Math.max(0, hairHere - beard[i]! - own) * bare;
  }
  return {
    face: mask(face),
    skin: mask(skin),
    otherSkin: mask(otherSkin),
    hair: mask(hair),
    beard: mask(beard),
    glasses: mask(glasses),
    eyes: mask(eyes),
    brows: mask(brows),
    lips: mask(lips),
    mouth: mask(mouth),
  };
}
