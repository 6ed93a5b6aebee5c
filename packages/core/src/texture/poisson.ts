/**
 * The screened Poisson equation on a grid with variable weights: the values x that minimise
 *
 *     sum over neighbours i, j   w_ij (x_j - x_i - g_ij)^2   +   sum over texels i   s_i (x_i - t_i)^2
 *
 * that is, whose differences are those of g wherever w is large and which stay at t where s is large. It is
 * what blends pictures without seams (Perez, Gangnet and Blake, Poisson image editing, SIGGRAPH 2003;
 * screened: Bhat et al., Fourier analysis of the 2D screened Poisson equation, 2008).
 *
 * Solved by conjugate gradients, preconditioned with one cycle of multigrid. The coarser grids come from
 * joining 2 x 2 texels: their weights are sums of the finer ones, which makes them the Galerkin product with a
 * piecewise constant interpolation and so right for any weights, zeros included. That interpolation makes
 * joined grids too stiff by a factor of two, which is taken out of the weights (Braess 1995).
 */
import { GanfitError } from "../errors.js";

export interface PoissonWeights {
  /** Texels. */
  readonly width: number;
  /** Texels. */
  readonly height: number;
  /** `height x width`: between each texel and its right neighbour; the last column is not read. */
  readonly right: ArrayLike<number>;
  /** `height x width`: between each texel and the one below; the last row is not read. */
  readonly down: ArrayLike<number>;
  /** `height x width`: how strongly a texel is drawn to its target. */
  readonly screen: ArrayLike<number>;
}

export interface PoissonData {
  /** `height x width`: wanted difference, right neighbour minus texel; 0 where not given. */
  readonly gradientRight?: ArrayLike<number>;
  /** `height x width`: wanted difference, texel below minus texel; 0 where not given. */
  readonly gradientDown?: ArrayLike<number>;
  /** `height x width`. */
  readonly target: ArrayLike<number>;
}

export interface PoissonOptions {
  /** Where the residual's norm has fallen to this part of the right side's it is solved; 1e-6. */
  readonly tolerance?: number;
  /** At most; 200. */
  readonly iterations?: number;
}

/** Relaxations before and after each coarser grid, and on the coarsest. */
const SWEEPS = 2;
const COARSEST_SWEEPS = 30;
/** A grid of so few texels is not made coarser. */
const COARSEST = 16;
/** Taken from weights, not from screens, between grids. */
const STIFFNESS = 0.5;

/** One grid: the matrix, and room for the vectors of a cycle. */
interface Grid {
  readonly width: number;
  readonly height: number;
  readonly right: Float64Array;
  readonly down: Float64Array;
  readonly diagonal: Float64Array;
  readonly solution: Float64Array;
  readonly residual: Float64Array;
  readonly rightSide: Float64Array;
}

/** Equations with fixed weights, for any number of right sides (the channels of a texture). */
export class PoissonSolver {
  private readonly grids: readonly Grid[];
  private readonly screen: Float64Array;

  /** @throws GanfitError `usage` where a list is too short, or a weight negative or not finite */
  constructor({ width, height, right, down, screen }: PoissonWeights) {
    const count = width * height;
    for (const [name, weights] of Object.entries({ right, down, screen })) {
      if (weights.length !== count || Array.prototype.some.call(weights, (w) => !(w >= 0))) {
        throw new GanfitError(
          "usage",
          `A Poisson equation on ${width} x ${height} texels needs as many weights \`${name}\`, none negative.`,
        );
      }
    }
    this.screen = Float64Array.from(screen);
    const finest = { right: Float64Array.from(right), down: Float64Array.from(down) };
    for (let row = 0; row < height; row++) finest.right[row * width + width - 1] = 0;
    finest.down.fill(0, count - width);
    const grids = [gridOf(width, height, finest.right, finest.down, this.screen)];
    let coarse: Weights = { width, height, ...finest, screen: this.screen };
    while (coarse.width * coarse.height > COARSEST && Math.max(coarse.width, coarse.height) > 2) {
      coarse = joined(coarse);
      grids.push(gridOf(coarse.width, coarse.height, coarse.right, coarse.down, coarse.screen));
    }
    this.grids = grids;
  }

  /**
   * Texels without weights and screen, which nothing determines, keep their target.
   *
   * @returns `height x width`
   */
  solve(data: PoissonData, { tolerance = 1e-6, iterations = 200 }: PoissonOptions = {}) {
    const [grid] = this.grids as [Grid];
    const rightSide = this.rightSideOf(data);
    // From the target on: it is the solution where everything is screened.
    const x = Float64Array.from(data.target);
    const count = x.length;
    const residual = new Float64Array(count);
    residualOf(grid, x, rightSide, residual);
    const direction = new Float64Array(count);
    const image = new Float64Array(count);
    const goal = tolerance * Math.max(Math.sqrt(dot(rightSide, rightSide)), Number.MIN_VALUE);
    let before = 0;
    for (let n = 0; n < iterations && Math.sqrt(dot(residual, residual)) > goal; n++) {
      const better = this.precondition(residual);
      const product = dot(residual, better);
      const share = n === 0 ? 0 : product / before;
      for (let i = 0; i < count; i++) direction[i] = better[i]! + share * direction[i]!;
      multiply(grid, direction, image);
      const curvature = dot(direction, image);
      if (!(curvature > 0)) break;
      const step = product / curvature;
      for (let i = 0; i < count; i++) {
        x[i]! += step * direction[i]!;
        residual[i]! -= step * image[i]!;
      }
      before = product;
    }
    return x;
  }

  private rightSideOf({ gradientRight, gradientDown, target }: PoissonData): Float64Array {
    const [{ width, height, right, down }] = this.grids as [Grid];
    const b = Float64Array.from(this.screen, (screen, i) => screen * target[i]!);
    for (let i = 0; i < width * height; i++) {
      if (gradientRight && right[i]! > 0) {
        const pull = right[i]! * gradientRight[i]!;
        b[i]! -= pull;
        b[i + 1]! += pull;
      }
      if (gradientDown && down[i]! > 0) {
        const pull = down[i]! * gradientDown[i]!;
        b[i]! -= pull;
        b[i + width]! += pull;
      }
    }
    return b;
  }

  /** One symmetric V-cycle from zero. */
  private precondition(rightSide: Float64Array): Float64Array {
    const [finest] = this.grids as [Grid];
    finest.rightSide.set(rightSide);
    this.cycle(0);
    return finest.solution;
  }

  private cycle(level: number): void {
    const grid = this.grids[level]!;
    const { solution, rightSide, residual } = grid;
    solution.fill(0);
    const coarse = this.grids[level + 1];
    if (!coarse) {
      // The second half runs backwards, or the preconditioner is not symmetric.
      for (let n = 0; n < COARSEST_SWEEPS; n++) relaxBoth(grid, 0);
      for (let n = 0; n < COARSEST_SWEEPS; n++) relaxBoth(grid, 1);
      return;
    }
    for (let n = 0; n < SWEEPS; n++) relaxBoth(grid, 0);
    residualOf(grid, solution, rightSide, residual);
    restrict(grid, coarse);
    this.cycle(level + 1);
    prolong(coarse, grid);
    for (let n = 0; n < SWEEPS; n++) relaxBoth(grid, 1);
  }
}

function gridOf(
  width: number,
  height: number,
  right: Float64Array,
  down: Float64Array,
  screen: Float64Array,
): Grid {
  const diagonal = screen.slice();
  for (let i = 0; i < diagonal.length; i++) {
    if ((i + 1) % width !== 0) {
      diagonal[i]! += right[i]!;
      diagonal[i + 1]! += right[i]!;
    }
    if (i + width < diagonal.length) {
      diagonal[i]! += down[i]!;
      diagonal[i + width]! += down[i]!;
    }
  }
  const vector = () => new Float64Array(width * height);
  return {
    width,
    height,
    right,
    down,
    diagonal,
    solution: vector(),
    residual: vector(),
    rightSide: vector(),
  };
}

interface Weights {
  readonly width: number;
  readonly height: number;
  readonly right: Float64Array;
  readonly down: Float64Array;
  readonly screen: Float64Array;
}

function joined(fine: Weights): Weights {
  const width = Math.ceil(fine.width / 2);
  const height = Math.ceil(fine.height / 2);
  const right = new Float64Array(width * height);
  const down = new Float64Array(width * height);
  const screen = new Float64Array(width * height);
  for (let row = 0, i = 0; row < fine.height; row++) {
    for (let column = 0; column < fine.width; column++, i++) {
      const to = (row >> 1) * width + (column >> 1);
      screen[to]! += fine.screen[i]!;
      // Edges within a joined texel vanish.
      if (column % 2 === 1) right[to]! += STIFFNESS * fine.right[i]!;
      if (row % 2 === 1) down[to]! += STIFFNESS * fine.down[i]!;
    }
  }
  return { width, height, right, down, screen };
}

/** Gauss-Seidel over the texels of one colour of the chequerboard. */
function relax(grid: Grid, colour: number): void {
  const { width, height, right, down, diagonal, solution: x, rightSide } = grid;
  for (let row = 0; row < height; row++) {
    const start = row * width;
    for (let i = start + ((row + colour) & 1); i < start + width; i += 2) {
      const d = diagonal[i]!;
      if (!(d > 0)) continue;
      let sum = rightSide[i]!;
      if (i > start) sum += right[i - 1]! * x[i - 1]!;
      if (i < start + width - 1) sum += right[i]! * x[i + 1]!;
      if (row > 0) sum += down[i - width]! * x[i - width]!;
      if (row < height - 1) sum += down[i]! * x[i + width]!;
      x[i] = sum / d;
    }
  }
}

function relaxBoth(grid: Grid, first: number): void {
  relax(grid, first);
  relax(grid, 1 - first);
}

function multiply(grid: Grid, x: Float64Array, out: Float64Array): void {
  const { width, height, right, down, diagonal } = grid;
  for (let row = 0; row < height; row++) {
    const start = row * width;
    for (let i = start; i < start + width; i++) {
      let sum = diagonal[i]! * x[i]!;
      if (i > start) sum -= right[i - 1]! * x[i - 1]!;
      if (i < start + width - 1) sum -= right[i]! * x[i + 1]!;
      if (row > 0) sum -= down[i - width]! * x[i - width]!;
      if (row < height - 1) sum -= down[i]! * x[i + width]!;
      out[i] = sum;
    }
  }
}

function residualOf(grid: Grid, x: Float64Array, b: Float64Array, out: Float64Array): void {
  multiply(grid, x, out);
  for (let i = 0; i < out.length; i++) out[i] = b[i]! - out[i]!;
}

function restrict(fine: Grid, coarse: Grid): void {
  coarse.rightSide.fill(0);
  for (let row = 0, i = 0; row < fine.height; row++) {
    for (let column = 0; column < fine.width; column++, i++) {
      coarse.rightSide[(row >> 1) * coarse.width + (column >> 1)]! += fine.residual[i]!;
    }
  }
}

function prolong(coarse: Grid, fine: Grid): void {
  for (let row = 0, i = 0; row < fine.height; row++) {
    for (let column = 0; column < fine.width; column++, i++) {
      if (fine.diagonal[i]! > 0) {
        fine.solution[i]! += coarse.solution[(row >> 1) * coarse.width + (column >> 1)]!;
      }
    }
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
