/**
 * How deep the skin's wrinkles and folds are, guessed from an albedo: "dark is deep" (Langer and Zucker 1994;
 * the mesoscopic augmentation of Beeler et al., "High-quality single-shot capture of facial geometry", 2010,
 * section 5). A hollow sees less of the light around, so it is darker than the skin beside it, and the wider
 * it is the deeper. With L the logarithm of the linear luminance and N(s) its mean under a bell of standard
 * deviation s, taken over the bare skin alone (normalised convolution, Knutsson and Westin 1993):
 *
 *     height = sum over bands s of  DEPTH wavelength(s) gate(s) (N(s) - N(2 s))
 *
 * wavelength(s) = 6.5 s being the one that the band passes best. The gate is in [0, 1] and is a product of
 *
 *     noise     E / (E + NOISE^2), E the mean square of the band around the place
 *     pigment   from how log(R / G) and log(B / G) follow L there (slopes of regression, which noise of the
 *               colour does not move). In a hollow light comes back from its walls, redder: skin of the linear
 *               albedo (0.6, 0.35, 0.25) gives slopes of about (-0.35, 0.15). Melanin takes more blue away
 *               (-0.3, 0.9), blood green (below -1, 0), and hair is greyer than skin (both the other way)
 *     direction rises with the coherence of the structure tensor (Bigun and Granlund 1987): wrinkles are lines,
 *               what is left of spots, and grain, is not
 *
 * Limits. It is a guess of the sign and the order of the depth, no measurement: the slope follows the contrast.
 * Shade that the light model left in the albedo (one side of a fold lit, the other not) moves a hollow
 * towards its dark side. Grey spots in a row, and painted lines, become grooves. Folds wider than some 10 mm are the
 * shape model's matter and are left to it; what is narrower than two texels cannot be seen.
 */
import { GanfitError } from "../errors.js";
import { LINEAR_OF_BYTE, luminance } from "../image/colour.js";
import type { Image } from "../image/image.js";
import { boxMean } from "../networks/mask-filter.js";
import { smoothStep } from "../smooth-step.js";
import { distanceTo } from "./distance-field.js";
import type { FaceRegions } from "./face-regions.js";
import { type Grid, gaussianBlur } from "./gaussian.js";

export interface SkinReliefInput {
  /** Albedo, gamma-coded, square. */
  readonly skin: Image;
  /** Of the same size. Relief is looked for in the face, outside of lips, brows, eyes and nostrils. */
  readonly regions: FaceRegions;
  /** `size x size` in [0, 1]: how far each texel shows the person's skin; 1 where not given. */
  readonly confidence?: Float32Array;
  /** Side of a texel on the skin, millimetres. */
  readonly texel: number;
}

/** Standard deviations, millimetres, each the double of the one before; the last ends the coarsest band. */
const SCALES = [0.35, 0.7, 1.4, 2.8] as const;

/** The wavelength that N(s) - N(2 s) passes best, over s. */
const WAVELENGTH = (2 * Math.PI) / Math.sqrt((2 * Math.log(4)) / 3);

/** Depth over wavelength, for luminance that changes by a factor of e. */
const DEPTH = 0.7;

/** Changes of luminance that are no more than grain, as a logarithm. */
const NOISE = 0.012;

/** Slopes of log(R / G) and log(B / G) over the luminance's logarithm in shade. */
const SHADE = { redGreen: -0.35, blueGreen: 0.15 } as const;

/** Distances from these slopes: shade, coloured or grey, is below the first, pigment above the second. */
const PIGMENT = { from: 0.42, to: 0.85 } as const;

/** Coherence of grain, and of lines. */
const DIRECTION = { from: 0.2, to: 0.6, least: 0.08 } as const;

/** What is around a place, over the scale. */
const AROUND = 5;

/** Texels less sure than this count as unseen. */
const SEEN = 0.25;

/** From unseen skin on a band returns over so many of its scales: that far it sees only half of what is around. */
const FEATHER = 6;

/** Texels beside unseen ones that stay flat, so that slopes there are 0 as well. */
const BORDER = 1.5;

/** Running sums of nothing are not exactly 0. */
const NEGLIGIBLE = 1e-9;

/** Added to the luminance, which black would have no logarithm without. */
const BLACK = 0.004;

/**
 * The relief that the shape lacks.
 *
 * @returns `size x size`, millimetres outwards; 0 on and beside unseen texels
 * @throws GanfitError `usage` where the sizes differ or the texel has no size
 */
export function skinRelief(input: SkinReliefInput): Float32Array {
  const { skin, regions, confidence, texel } = input;
  const { size } = regions;
  const sizes = [skin.width, skin.height, Math.sqrt(confidence?.length ?? size * size)];
  if (sizes.some((value) => value !== size)) {
    throw new GanfitError(
      "usage",
      `Regions of ${size} texels do not fit a texture of ${skin.width} x ${skin.height}, or its confidence.`,
    );
  }
  if (!(texel > 0 && texel < Number.POSITIVE_INFINITY)) {
    throw new GanfitError("usage", `Texels cannot be ${texel} mm wide.`);
  }
  const height = new Float32Array(size * size);
  const seen = regions.skin.map((value, i) =>
    Math.min(value, confidence ? confidence[i]! : 1) >= SEEN ? 1 : 0,
  );
  const window = windowOf(seen, size, Math.ceil((2 * SCALES.at(-1)!) / texel));
  if (!window) return height;
  const { left, top, ...grid } = window;
  const cut = (values: ArrayLike<number>) => {
    const out = new Float32Array(grid.width * grid.height);
    for (let i = 0; i < out.length; i++) out[i] = values[placeOf(i)]!;
    return out;
  };
  const placeOf = (i: number) =>
    (top + Math.floor(i / grid.width)) * size + left + (i % grid.width);
  const weights = cut(seen);
  const bands = bandsOf(logarithmsOf(skin, grid, placeOf), weights, grid, texel);
  const away = distanceTo(
    weights.map((value) => 1 - value),
    grid.width,
    grid.height,
  );
  bands.forEach((band, b) => {
    const gate = gateOf(band, weights, grid, (AROUND * SCALES[b]!) / texel);
    const reach = (FEATHER * SCALES[b]!) / texel;
    const depth = DEPTH * WAVELENGTH * SCALES[b]!;
    for (let i = 0; i < gate.length; i++) {
      const feather = smoothStep(BORDER, BORDER + reach, away[i]!);
      height[placeOf(i)]! += depth * gate[i]! * feather * band.luminance[i]!;
    }
  });
  return height;
}

interface Window extends Grid {
  readonly left: number;
  readonly top: number;
}

/** What holds all that is seen, and a margin. */
function windowOf(seen: Float32Array, size: number, margin: number): Window | null {
  let [left, top, right, bottom] = [size, size, -1, -1];
  for (let i = 0; i < seen.length; i++) {
    if (seen[i] === 0) continue;
    const x = i % size;
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, Math.floor(i / size));
    bottom = Math.floor(i / size);
  }
  if (right < 0) return null;
  left = Math.max(0, left - margin);
  top = Math.max(0, top - margin);
  const width = Math.min(size, right + margin + 1) - left;
  return { left, top, width, height: Math.min(size, bottom + margin + 1) - top };
}

/** Luminance and two ratios of channels, or what a band passes of their logarithms. */
interface Channels {
  readonly luminance: Float32Array;
  readonly redGreen: Float32Array;
  readonly blueGreen: Float32Array;
}

function logarithmsOf(
  { data }: Image,
  { width, height }: Grid,
  placeOf: (i: number) => number,
): Channels {
  const count = width * height;
  const out = {
    luminance: new Float32Array(count),
    redGreen: new Float32Array(count),
    blueGreen: new Float32Array(count),
  };
  for (let i = 0; i < count; i++) {
    const at = 3 * placeOf(i);
    const [r, g, b] = [0, 1, 2].map((c) => LINEAR_OF_BYTE[data[at + c]!]!) as [
      number,
      number,
      number,
    ];
    out.luminance[i] = Math.log(luminance(r, g, b) + BLACK);
    out.redGreen[i] = Math.log((r + BLACK) / (g + BLACK));
    out.blueGreen[i] = Math.log((b + BLACK) / (g + BLACK));
  }
  return out;
}

function bandsOf(of: Channels, weights: Float32Array, grid: Grid, texel: number): Channels[] {
  const total = SCALES.map((scale) => gaussianBlur(weights, grid, scale / texel));
  const passed = (values: Float32Array) => {
    const weighted = values.map((value, i) => value * weights[i]!);
    const means = SCALES.map((scale, s) =>
      gaussianBlur(weighted, grid, scale / texel).map((sum, i) => sum / (total[s]![i]! || 1)),
    );
    return means
      .slice(1)
      .map((coarse, b) =>
        coarse.map((value, i) => (total[b]![i]! > 0 ? means[b]![i]! - value : 0)),
      );
  };
  const [bright, red, blue] = [of.luminance, of.redGreen, of.blueGreen].map(passed);
  return bright!.map((values, b) => ({
    luminance: values,
    redGreen: red![b]!,
    blueGreen: blue![b]!,
  }));
}

/** How much of a band is relief, in [0, 1], smooth. */
function gateOf(band: Channels, weights: Float32Array, grid: Grid, reach: number): Float32Array {
  const { width, height } = grid;
  const { luminance: l, redGreen, blueGreen } = band;
  const radius = Math.max(1, Math.round(reach));
  const count = width * height;
  const shade = new Float64Array(count);
  const red = new Float64Array(count);
  const blue = new Float64Array(count);
  const xx = new Float64Array(count);
  const xy = new Float64Array(count);
  const yy = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    if (weights[i] === 0) continue;
    shade[i] = l[i]! ** 2;
    red[i] = l[i]! * redGreen[i]!;
    blue[i] = l[i]! * blueGreen[i]!;
    const x = i % width;
    if (x === 0 || x === width - 1 || i < width || i >= count - width) continue;
    const across = l[i + 1]! - l[i - 1]!;
    const down = l[i + width]! - l[i - width]!;
    xx[i] = across * across;
    xy[i] = across * down;
    yy[i] = down * down;
  }
  const around = (values: ArrayLike<number>) =>
    boxMean(boxMean(values, width, height, radius), width, height, radius);
  const [seen, shades, reds, blues, rights, slants, downs] = [
    around(weights),
    around(shade),
    around(red),
    around(blue),
    around(xx),
    around(xy),
    around(yy),
  ];
  const gate = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const energy = shades[i]! / Math.max(seen[i]!, NEGLIGIBLE);
    if (weights[i] === 0 || !(energy > NEGLIGIBLE)) continue;
    const noise = energy / (energy + NOISE ** 2);
    const tint = Math.hypot(
      reds[i]! / shades[i]! - SHADE.redGreen,
      blues[i]! / shades[i]! - SHADE.blueGreen,
    );
    const pigment = 1 - smoothStep(PIGMENT.from, PIGMENT.to, tint);
    const difference = Math.hypot(rights[i]! - downs[i]!, 2 * slants[i]!);
    const coherence = difference / Math.max(rights[i]! + downs[i]!, difference, NEGLIGIBLE ** 2);
    const { from, to, least } = DIRECTION;
    gate[i] = noise * pigment * (least + (1 - least) * smoothStep(from, to, coherence ** 2));
  }
  return gate;
}
