/**
 * A photograph at halved resolutions, so that samples that are some pixels apart average the pixels between
 * them (Williams, Pyramidal parametrics, 1983). Levels are made when they are first needed, in linear light,
 * and only of the part of the picture that is looked at.
 */
import type { Image } from "../image/image.js";
import { warpToTensor } from "../image/warp.js";

/** Bounds in pixels of the photograph. */
export interface Window {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

interface Level {
  readonly width: number;
  readonly height: number;
  /** `height x width x 3`, gamma-coded, 0-1. */
  readonly data: Float32Array;
}

export class PhotoPyramid {
  private readonly levels = new Map<number, Level>();
  private readonly left: number;
  private readonly top: number;
  private readonly width: number;
  private readonly height: number;

  /** @param window what will be looked at; what lies outside of the photo repeats its border */
  constructor(
    private readonly photo: Image,
    window: Window,
  ) {
    this.left = Math.min(photo.width - 1, Math.max(0, Math.floor(window.left)));
    this.top = Math.min(photo.height - 1, Math.max(0, Math.floor(window.top)));
    this.width = Math.max(1, Math.min(photo.width, Math.ceil(window.right)) - this.left);
    this.height = Math.max(1, Math.min(photo.height, Math.ceil(window.bottom)) - this.top);
  }

  /**
   * The colour at a place of the photo, gamma-coded 0-1, written to `out` from `at` on.
   *
   * @param level 0 for the photo itself, 1 for half its resolution, ...; between two levels, of both
   */
  sample(x: number, y: number, level: number, out: Float32Array, at: number): void {
    const lower = Math.max(0, Math.floor(level));
    const share = Math.max(0, level) - lower;
    this.add(x, y, lower, 1 - share, out, at);
    if (share > 0) this.add(x, y, lower + 1, share, out, at);
  }

  private add(
    x: number,
    y: number,
    index: number,
    share: number,
    out: Float32Array,
    at: number,
  ): void {
    const { width, height, data } = this.level(index);
    const scale = 2 ** index;
    const u = Math.min(width - 1, Math.max(0, (x - this.left) / scale - 0.5));
    const v = Math.min(height - 1, Math.max(0, (y - this.top) / scale - 0.5));
    const [x0, y0] = [Math.floor(u), Math.floor(v)];
    const [wx, wy] = [u - x0, v - y0];
    const x1 = Math.min(width - 1, x0 + 1);
    const y1 = Math.min(height - 1, y0 + 1);
    for (let c = 0; c < 3; c++) {
      const above =
        (1 - wx) * data[3 * (y0 * width + x0) + c]! + wx * data[3 * (y0 * width + x1) + c]!;
      const below =
        (1 - wx) * data[3 * (y1 * width + x0) + c]! + wx * data[3 * (y1 * width + x1) + c]!;
      out[at + c]! += share * ((1 - wy) * above + wy * below);
    }
  }

  private level(index: number): Level {
    const found = this.levels.get(index);
    if (found) return found;
    const scale = 2 ** index;
    const width = Math.max(1, Math.ceil(this.width / scale));
    const height = Math.max(1, Math.ceil(this.height / scale));
    const toPhoto = { scale, rotation: 0, tx: this.left, ty: this.top };
    const data = warpToTensor(this.photo, toPhoto, width, height, {
      border: "replicate",
      linear: true,
      layout: "hwc",
      scale: 1 / 255,
    });
    const level = { width, height, data };
    this.levels.set(index, level);
    return level;
  }
}
