/** Arithmetic on static shapes. A shape is a list of non-negative integers; `[]` is a scalar. */

export type Shape = readonly number[];

export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const dim of shape) size *= dim;
  return size;
}

/** Whether every dimension is a non-negative integer and the elements can be counted. */
export function isStaticShape(shape: Shape): boolean {
  const counted = shape.length <= 64 && Number.isSafeInteger(sizeOf(shape));
  return counted && shape.every((dim) => Number.isInteger(dim) && dim >= 0);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i]);
}

/** `[1,3,112,112]`, as error messages print it. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(",")}]`;
}

/** Row-major strides in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = stride;
    stride *= shape[i]!;
  }
  return strides;
}

/** The multidirectional (NumPy) broadcast of several shapes, or undefined if they do not fit. */
export function broadcastShapes(...shapes: Shape[]): number[] | undefined {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  const result = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    for (let i = 0; i < shape.length; i++) {
      const axis = rank - shape.length + i;
      const dim = shape[i]!;
      if (dim === result[axis] || dim === 1) continue;
      if (result[axis] !== 1) return undefined;
      result[axis] = dim;
    }
  }
  return result;
}

/** `axis` counted from the front, or undefined when it lies outside `[-rank, rank - 1]`. */
export function normaliseAxis(axis: number, rank: number): number | undefined {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) return undefined;
  return axis < 0 ? axis + rank : axis;
}

/** `[0, 1, ..., n - 1]`. */
export function range(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}
