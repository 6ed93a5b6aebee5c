/** How alike two pictures are where a mask says so: signal to noise, and structural similarity. */
import type { Image, Mask } from "@ganfit/core";

/** Pixels whose mask is at least this count, the others do not. */
const COUNTED = 0.5;

/** Of the Gaussian window, pixels: Wang et al. 2004 have 1.5 and 11 x 11. */
const SIGMA = 1.5;
const RADIUS = 5;
/** Squares of 0.01 and 0.03 of the range of a channel. */
const C1 = (0.01 * 255) ** 2;
const C2 = (0.03 * 255) ** 2;

/**
 * Peak signal to noise ratio in dB, peak 255, over all three gamma-coded channels of the pixels where the mask
 * is at least 0.5; Infinity where these are equal, NaN where there are none.
 */
export function maskedPsnr(a: Image, b: Image, mask: Mask): number {
  let sum = 0;
  let count = 0;
  mask.data.forEach((value, i) => {
    if (value < COUNTED) return;
    for (let c = 3 * i; c < 3 * i + 3; c++) sum += (a.data[c]! - b.data[c]!) ** 2;
    count += 3;
  });
  return 10 * Math.log10((255 ** 2 * count) / sum);
}

/** The mean of {@link ssimMap} over the pixels where the mask is at least 0.5; NaN where there are none. */
export function maskedSsim(a: Image, b: Image, mask: Mask): number {
  const map = ssimMap(a, b);
  let sum = 0;
  let count = 0;
  mask.data.forEach((value, i) => {
    if (value < COUNTED) return;
    sum += map[i]!;
    count++;
  });
  return sum / count;
}

/**
 * Structural similarity at each pixel, the mean over gamma-coded R, G and B (Wang, Bovik, Sheikh, Simoncelli 2004,
 * "Image quality assessment: from error visibility to structural similarity", equation 13). Beyond its border a
 * picture is its mirror image, as scikit-image has it with `gaussian_weights=True, use_sample_covariance=False`.
 *
 * @returns `height x width`, at most 1
 */
export function ssimMap(a: Image, b: Image): Float32Array {
  const { width, height } = a;
  const out = new Float32Array(width * height);
  for (let channel = 0; channel < 3; channel++) {
    const x = Float64Array.from(out, (_, i) => a.data[3 * i + channel]!);
    const y = Float64Array.from(out, (_, i) => b.data[3 * i + channel]!);
    const mean = (values: Float64Array) => gaussian(values, width, height);
    const meanX = mean(x);
    const meanY = mean(y);
    const squareX = mean(x.map((value) => value * value));
    const squareY = mean(y.map((value) => value * value));
    const product = mean(x.map((value, i) => value * y[i]!));
    for (let i = 0; i < out.length; i++) {
      const [mx, my] = [meanX[i]!, meanY[i]!];
      const variances = squareX[i]! - mx * mx + squareY[i]! - my * my;
      const covariance = product[i]! - mx * my;
      out[i]! +=
        ((2 * mx * my + C1) * (2 * covariance + C2)) /
        ((mx * mx + my * my + C1) * (variances + C2)) /
        3;
    }
  }
  return out;
}

function gaussian(values: Float64Array, width: number, height: number): Float64Array {
  const taps = Array.from({ length: 2 * RADIUS + 1 }, (_, i) =>
    Math.exp(-((i - RADIUS) ** 2) / (2 * SIGMA ** 2)),
  );
  const sum = taps.reduce((a, b) => a + b, 0);
  const weights = taps.map((tap) => tap / sum);
  const rows = new Float64Array(values.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let total = 0;
      for (let k = -RADIUS; k <= RADIUS; k++) {
        total += weights[k + RADIUS]! * values[y * width + mirrored(x + k, width)]!;
      }
      rows[y * width + x] = total;
    }
  }
  const out = new Float64Array(values.length);
  for (let y = 0; y < height; y++) {
    for (let k = -RADIUS; k <= RADIUS; k++) {
      const from = mirrored(y + k, height) * width;
      const weight = weights[k + RADIUS]!;
      for (let x = 0; x < width; x++) out[y * width + x]! += weight * rows[from + x]!;
    }
  }
  return out;
}

/** The border's pixel is its own neighbour: -1 is 0, -2 is 1. */
function mirrored(i: number, length: number): number {
  const period = 2 * length;
  const place = ((i % period) + period) % period;
  return place < length ? place : period - 1 - place;
}
