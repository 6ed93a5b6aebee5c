/**
 * One generator of random cases for every supported operator. Operators that the library rewrites
 * at once (Squeeze, Gelu ...) are applied by name, so that what is put in their place is tested.
 */
import type { Attributes } from "../src/graph/operator.js";
import { range, type Shape, sizeOf } from "../src/graph/shape.js";
import type { Tensor } from "../src/graph/tensor.js";
import * as ops from "../src/operators/index.js";
import { maxPoolWithIndices } from "../src/operators/pooling.js";
import { operatorNamed } from "../src/operators/registry.js";
import type { WindowAttributes } from "../src/operators/window.js";
import type { Draw, InputRange } from "./draw.js";

export type Case = (draw: Draw) => Tensor | readonly Tensor[];

function apply(type: string, inputs: readonly Tensor[], attributes: Attributes = {}): Tensor[] {
  return [...inputs[0]!.graph.apply(operatorNamed(type)!, inputs, attributes)];
}

/** An operator of one operand and no attributes. */
const unary =
  (type: string, options: InputRange = {}): Case =>
  (d) =>
    apply(type, [d.input(d.shape(0, 4), options)]);

/** An operator of two broadcast operands. */
const binary =
  (type: string, left: InputRange = {}, right: InputRange = {}): Case =>
  (d) => {
    const shape = d.shape(0, 4);
    const own = d.flag() ? shape : d.broadcast(shape);
    const other = d.flag() ? shape : d.broadcast(shape);
    return apply(type, [d.input(own, left), d.input(other, right)]);
  };

const comparison =
  (type: string): Case =>
  (d) => {
    const shape = d.shape(0, 3);
    const dtype = d.pick("float32", "int32", "int64") as "float32";
    const other = d.broadcast(shape);
    return apply(type, [d.integers(shape, 0, 2, dtype), d.integers(other, 0, 2, dtype)]);
  };

const logic =
  (type: string): Case =>
  (d) => {
    const shape = d.shape(0, 3);
    return apply(type, [
      d.integers(shape, 0, 1, "bool"),
      d.integers(d.broadcast(shape), 0, 1, "bool"),
    ]);
  };

const variadic =
  (type: string): Case =>
  (d) => {
    const shape = d.shape(0, 3);
    return apply(
      type,
      d.list(d.integer(1, 4), () => d.input(d.flag() ? shape : d.broadcast(shape))),
    );
  };

const reduction =
  (type: string, options: InputRange | "distinct" = {}): Case =>
  (d) => {
    const shape = d.shape(1, 5, 3);
    const axes = d.shuffled(range(shape.length)).slice(0, d.integer(1, shape.length));
    const x = options === "distinct" ? d.distinct(shape) : d.input(shape, options);
    const signed = axes.map((axis) => (d.flag() ? axis - shape.length : axis));
    return apply(type, [x], {
      ...(d.random() < 0.8 && { axes: d.random() < 0.4 && shape.length > 1 ? [1] : signed }),
      keepdims: d.integer(0, 1),
    });
  };

const activation =
  (type: string, attributes: (d: Draw) => Attributes = () => ({}), options?: InputRange): Case =>
  (d) =>
    apply(
      type,
      [d.input(d.shape(0, 4), options ?? { low: -4, high: 4, kinks: [0] })],
      attributes(d),
    );

const softmax =
  (type: string): Case =>
  (d) => {
    const shape = d.shape(1, 4);
    const attributes = { axis: d.axis(shape.length), ...(d.flag() && { flatten: 1 }) };
    return apply(type, [d.input(shape, { low: -3, high: 3 })], attributes);
  };

interface WindowCase {
  readonly sizes: readonly number[];
  readonly kernel: readonly number[];
  readonly attributes: WindowAttributes & Required<Pick<WindowAttributes, "strides" | "dilations">>;
}

/** Windows over one to three spatial axes of sizes that hold them. */
function windows(d: Draw): WindowCase {
  const axes = d.list(d.pick(1, 2, 2, 2, 3), () => {
    const kernel = d.integer(1, 3);
    const dilation = d.pick(1, 1, 2);
    const begin = d.integer(0, kernel - 1);
    const end = d.integer(0, kernel - 1);
    const extent = (kernel - 1) * dilation + 1;
    return {
      kernel,
      dilation,
      begin,
      end,
      stride: d.integer(1, 3),
      size: extent + d.integer(0, 3),
    };
  });
  const kernel = axes.map((axis) => axis.kernel);
  const automatic = d.pick("NOTSET", "NOTSET", "NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER");
  const pads = [...axes.map(({ begin }) => begin), ...axes.map(({ end }) => end)];
  const attributes = {
    strides: axes.map(({ stride }) => stride),
    dilations: axes.map(({ dilation }) => dilation),
    ...(automatic === "NOTSET" ? { pads } : { auto_pad: automatic }),
  };
  return { sizes: axes.map(({ size }) => size), kernel, attributes };
}

/** A convolution's operands; now and then its pads are larger than its kernel. */
function convolution(d: Draw) {
  const { sizes, kernel, attributes } = windows(d);
  const more = d.random() < 0.3 ? 3 : 0;
  const pads = attributes.pads?.map((pad) => pad + d.integer(0, more));
  const [batch, group] = [d.integer(1, 2), d.integer(1, 3)];
  const [inner, outer] = [d.integer(1, 2), d.integer(1, 2)];
  const all = { ...attributes, group, ...(pads && { pads }) };
  return { sizes, kernel, batch, group, inner, outer, attributes: all };
}

const pooling =
  (pool: (x: Tensor, kernel: Shape, attributes: Attributes, d: Draw) => readonly Tensor[]): Case =>
  (d) => {
    const { sizes, kernel, attributes } = windows(d);
    const shape = [d.integer(1, 2), d.integer(1, 3), ...sizes];
    return pool(d.distinct(shape), kernel, { ...attributes, ceil_mode: d.integer(0, 1) }, d);
  };

const argument =
  (type: string): Case =>
  (d) => {
    const shape = d.shape(1, 3);
    return apply(type, [d.integers(shape, 0, 2, "float32")], {
      axis: d.axis(shape.length),
      keepdims: d.integer(0, 1),
      select_last_index: d.integer(0, 1),
    });
  };

const EQUATIONS: readonly (readonly [string, Shape, Shape?])[] = [
  ["ij,jk->ik", [2, 3], [3, 4]],
  ["bij,bjk->bik", [2, 3, 4], [2, 4, 2]],
  ["bhid,bhjd->bhij", [2, 2, 3, 4], [2, 2, 2, 4]],
  ["i,j->ij", [3], [4]],
  ["i,i->", [3], [3]],
  ["...i,i->...", [2, 3, 4], [4]],
  ["ii->i", [3, 3]],
  ["ijk->kij", [2, 3, 4]],
  ["ij->j", [2, 3]],
  ["ijk,ik->j", [2, 3, 4], [2, 4]],
];

const per = (d: Draw, channels: number, options: InputRange = {}) => d.weight([channels], options);

/** Grid positions whose pixel coordinates keep away from the kinks at whole and half numbers. */
function gridPositions(
  d: Draw,
  sizes: readonly [number, number],
  places: number,
  aligned: boolean,
) {
  return d.list(2 * places, (i) => {
    const size = sizes[i % 2]!;
    const half = Math.floor((d.random() * 4 - 1.5) * 2 * size) / 2;
    const position = half + 0.1 + 0.3 * d.random();
    if (!aligned) return (2 * position + 1) / size - 1;
    return size === 1 ? d.random() : (2 * position) / (size - 1) - 1;
  });
}

/** Distinct positions along `axis` for every line of `shape`. */
function elementIndices(d: Draw, shape: Shape, axis: number, count: number): number[] {
  const inner = sizeOf(shape.slice(axis + 1));
  const result = new Array<number>(sizeOf(shape.slice(0, axis)) * count * inner);
  for (const outer of range(sizeOf(shape.slice(0, axis)))) {
    for (const i of range(inner)) {
      const order = d.shuffled(range(shape[axis]!));
      for (const k of range(count)) {
        const index = order[k]!;
        result[(outer * count + k) * inner + i] = d.flag() ? index : index - shape[axis]!;
      }
    }
  }
  return result;
}

export const OPERATOR_CASES: Readonly<Record<string, Case>> = {
  // Elementary functions.
  Abs: unary("Abs", { kinks: [0] }),
  Acos: unary("Acos", { low: -0.8, high: 0.8 }),
  Asin: unary("Asin", { low: -0.8, high: 0.8 }),
  Atan: unary("Atan", { low: -3, high: 3 }),
  Ceil: unary("Ceil", { low: -3, high: 3 }),
  Cos: unary("Cos", { low: -4, high: 4 }),
  Cosh: unary("Cosh", { low: -2, high: 2 }),
  Erf: unary("Erf", { low: -3, high: 3 }),
  Exp: unary("Exp", { low: -3, high: 3 }),
  Floor: unary("Floor", { low: -3, high: 3 }),
  Log: unary("Log", { low: 0.2, high: 4 }),
  Reciprocal: unary("Reciprocal", { low: -2, high: 2, kinks: [0], by: 0.3 }),
  Round: (d) => apply("Round", [d.feed([5], "float32", [-1.5, -0.5, 0.5, 1.5, d.random()])]),
  Sigmoid: unary("Sigmoid", { low: -6, high: 6 }),
  Sign: unary("Sign", { kinks: [0] }),
  Sin: unary("Sin", { low: -4, high: 4 }),
  Sinh: unary("Sinh", { low: -2, high: 2 }),
  Softplus: unary("Softplus", { low: -6, high: 6 }),
  Softsign: unary("Softsign", { low: -3, high: 3, kinks: [0] }),
  Sqrt: unary("Sqrt", { low: 0.2, high: 4 }),
  Tan: unary("Tan"),
  Tanh: unary("Tanh", { low: -4, high: 4 }),

  // Arithmetic.
  Add: binary("Add"),
  Div: binary("Div", {}, { low: -2, high: 2, kinks: [0], by: 0.3 }),
  Max: variadic("Max"),
  Mean: variadic("Mean"),
  Min: variadic("Min"),
  Mul: binary("Mul"),
  Neg: unary("Neg"),
  Pow: (d) => {
    const shape = d.shape(0, 3);
    const x = d.input(shape, { low: 0.3, high: 2 });
    const type = d.pick("computed", "number", "integers");
    if (type === "number") return ops.pow(x, d.pick(-1, -0.5, 0, 0.5, 1, 2, 3));
    const other = d.broadcast(shape);
    return apply("Pow", [x, type === "computed" ? d.input(other) : d.integers(other, 0, 3)]);
  },
  Sub: binary("Sub"),
  Sum: variadic("Sum"),

  // Comparison, logic, selection.
  And: logic("And"),
  Equal: comparison("Equal"),
  Greater: comparison("Greater"),
  GreaterOrEqual: comparison("GreaterOrEqual"),
  IsNaN: (d) => apply("IsNaN", [d.feed([3], "float32", [d.random(), Number.NaN, 0])]),
  Less: comparison("Less"),
  LessOrEqual: comparison("LessOrEqual"),
  Not: (d) => apply("Not", [d.integers(d.shape(0, 3), 0, 1, "bool")]),
  Or: logic("Or"),
  Where: (d) => {
    const shape = d.shape(0, 4);
    const condition = d.integers(d.broadcast(shape), 0, 1, "bool");
    return apply("Where", [condition, d.input(d.broadcast(shape)), d.input(shape)]);
  },
  Xor: logic("Xor"),

  // Layout.
  Cast: (d) => {
    const x = d.input(d.shape(0, 3), { low: -3, high: 3 });
    return ops.cast(x, d.pick("float64", "int32", "int64", "bool"));
  },
  Flatten: (d) => {
    const shape = d.shape(1, 4);
    return apply("Flatten", [d.input(shape)], { axis: d.integer(-shape.length, shape.length) });
  },
  Identity: unary("Identity"),
  Reshape: (d) => {
    const shape = d.shape(1, 4);
    const to = d.flag() ? [-1, shape.at(-1)!] : d.shuffled(shape);
    return apply("Reshape", [d.input(shape)], { shape: to });
  },
  Squeeze: (d) => {
    const x = d.input([1, ...d.shape(0, 2), 1]);
    return apply("Squeeze", [x], d.pick({}, { axes: [0] }, { axes: [-1, 0] }));
  },
  Transpose: (d) => {
    const shape = d.shape(1, 5);
    return apply("Transpose", [d.input(shape)], {
      ...(d.flag() && { perm: d.shuffled(range(shape.length)) }),
    });
  },
  Unsqueeze: (d) =>
    apply("Unsqueeze", [d.input(d.shape(0, 3))], { axes: d.pick([0], [-1], [0, -1], [0, 1]) }),

  // Broadcasting.
  Expand: (d) => {
    const shape = d.shape(0, 4);
    return apply("Expand", [d.input(d.broadcast(shape))], { shape });
  },
  Tile: (d) => {
    const shape = d.shape(1, 4, 3);
    return apply("Tile", [d.input(shape)], { repeats: shape.map(() => d.integer(1, 3)) });
  },

  // Reductions.
  ReduceL1: reduction("ReduceL1", { kinks: [0] }),
  ReduceL2: reduction("ReduceL2", { kinks: [0] }),
  ReduceLogSum: reduction("ReduceLogSum", { low: 0.2, high: 2 }),
  ReduceLogSumExp: reduction("ReduceLogSumExp", { low: -3, high: 3 }),
  ReduceMax: reduction("ReduceMax", "distinct"),
  ReduceMean: reduction("ReduceMean"),
  ReduceMin: reduction("ReduceMin", "distinct"),
  ReduceProd: reduction("ReduceProd", { kinks: [0], by: 0.3 }),
  ReduceSum: reduction("ReduceSum"),
  ReduceSumSquare: reduction("ReduceSumSquare"),

  // Activations.
  Celu: activation("Celu", (d) => ({ alpha: d.pick(1, 0.5, 2) })),
  Clip: activation("Clip", (d) => d.pick({ min: -1.03, max: 1.07 }, { min: 0.5 }, { max: 0.5 })),
  Elu: activation("Elu", (d) => ({ alpha: d.pick(1, 0.5, 2) })),
  Gelu: activation("Gelu", (d) => ({ approximate: d.pick("none", "tanh") })),
  HardSigmoid: activation("HardSigmoid", (d) => ({ alpha: d.pick(0.2, 1, 1e38), beta: 0 })),
  HardSwish: activation("HardSwish", undefined, { low: -4, high: 4, kinks: [-3, 3], by: 0.01 }),
  LeakyRelu: activation("LeakyRelu", (d) => ({ alpha: d.pick(0, 0.2, 1, -0.5, 3) })),
  LogSoftmax: softmax("LogSoftmax"),
  Mish: activation("Mish"),
  PRelu: (d) => {
    const shape = d.shape(1, 5, 3);
    const slope = d.pick(d.broadcast(shape), [shape[1] ?? 1, ...shape.slice(2).map(() => 1)], [1]);
    const fits = slope.every((dim, i) => dim === 1 || dim === shape.at(i - slope.length));
    const x = d.input(shape, { low: -2, high: 2, kinks: [0] });
    return apply("PRelu", [x, d.weight(fits ? slope : [1], { low: -0.5, high: 1.5 })]);
  },
  Relu: activation("Relu"),
  Selu: activation("Selu"),
  Softmax: softmax("Softmax"),
  Swish: activation("Swish", (d) => ({ alpha: d.pick(1, 1.7) })),
  ThresholdedRelu: activation("ThresholdedRelu", () => ({ alpha: 0.5 }), { kinks: [0.5] }),

  // Products.
  Einsum: (d) => {
    const [equation, a, b] = d.pick(...EQUATIONS);
    return apply("Einsum", b ? [d.input(a), d.input(b)] : [d.input(a)], { equation });
  },
  Gemm: (d) => {
    const [m, k, n] = [d.integer(1, 4), d.integer(1, 4), d.integer(1, 4)];
    const [transA, transB] = [d.integer(0, 1), d.integer(0, 1)];
    const a = d.input(transA ? [k, m] : [m, k]);
    const b = d.weight(transB ? [n, k] : [k, n]);
    const c = d.pick([], [n], [m, 1], [m, n], [1, n]);
    const attributes = { transA, transB, alpha: d.pick(1, 0.5), beta: d.pick(1, 2) };
    return apply("Gemm", d.flag() ? [a, b, d.weight(c)] : [a, b], attributes);
  },
  MatMul: (d) => {
    const [m, k, n] = [d.integer(1, 4), d.integer(1, 4), d.integer(1, 4)];
    const batch = d.shape(0, 2, 3);
    const a = d.input(d.pick([k], [m, k], [...batch, m, k], [...d.broadcast(batch), m, k]));
    return apply("MatMul", [a, d.weight(d.pick([k], [k, n], [...batch, k, n]))]);
  },

  // Convolution and pooling.
  AveragePool: pooling((x, kernel, attributes, d) => [
    ops.averagePool(x, kernel, { ...attributes, count_include_pad: d.integer(0, 1) }),
  ]),
  Conv: (d) => {
    const { sizes, kernel, batch, group, inner, outer, attributes } = convolution(d);
    const x = d.input([batch, group * inner, ...sizes]);
    const factors = sizes.map(() => d.integer(1, 3));
    const w = d.weight([group * outer, inner, ...kernel]);
    const bias = d.flag() ? [d.weight([group * outer])] : [];
    return apply("Conv", [d.flag() ? ops.upsample(x, factors) : x, w, ...bias], attributes);
  },
  ConvTranspose: (d) => {
    const { sizes, kernel, batch, group, inner, outer, attributes } = convolution(d);
    const x = d.input([batch, group * inner, ...sizes]);
    const w = d.weight([group * inner, outer, ...kernel]);
    const bias = d.flag() ? [d.weight([group * outer])] : [];
    const { strides, dilations } = attributes;
    const full = sizes.map(
      (size, i) => strides[i]! * (size - 1) + (kernel[i]! - 1) * dilations[i]! + 1,
    );
    const extra = strides.map((stride, i) => d.integer(0, Math.max(stride, dilations[i]!) - 1));
    const pads = attributes.pads?.map((pad, i) =>
      Math.min(pad, Math.floor((full[i % full.length]! - 1) / 2)),
    );
    return apply("ConvTranspose", [x, w, ...bias], {
      ...attributes,
      ...(pads && { pads }),
      ...d.pick(
        {},
        { output_padding: extra },
        { output_shape: full.map((size) => size + d.integer(-1, 1) || 1) },
      ),
    });
  },
  GlobalAveragePool: (d) => apply("GlobalAveragePool", [d.input(d.shape(3, 5))]),
  GlobalMaxPool: (d) => apply("GlobalMaxPool", [d.distinct(d.shape(3, 5))]),
  MaxPool: pooling((x, kernel, attributes) => maxPoolWithIndices(x, kernel, attributes)),

  // Resampling.
  GridSample: (d) => {
    const [n, c, h, w] = [d.integer(1, 2), d.integer(1, 3), d.integer(1, 4), d.integer(1, 4)];
    const [rows, columns, aligned] = [d.integer(1, 3), d.integer(1, 3), d.integer(0, 1)];
    const positions = gridPositions(d, [w, h], n * rows * columns, aligned === 1);
    const grid = d.feed([n, rows, columns, 2], "float32", positions);
    return apply("GridSample", [d.input([n, c, h, w]), grid], {
      mode: d.pick("bilinear", "nearest"),
      padding_mode: d.pick("zeros", "border", "reflection"),
      align_corners: aligned,
    });
  },
  Resize: (d) => {
    const sizes = d.shape(1, 6);
    const image = d.flag() && sizes.length > 2;
    const to = sizes.map((dim, i) => (image && i < 2 ? dim : d.integer(1, 6)));
    const mode = d.pick("nearest", "linear");
    return apply("Resize", [d.input(sizes)], {
      mode,
      coordinate_transformation_mode: d.pick(
        "half_pixel",
        "pytorch_half_pixel",
        "align_corners",
        "asymmetric",
      ),
      ...(mode === "nearest" && {
        nearest_mode: d.pick("round_prefer_floor", "round_prefer_ceil", "floor", "ceil"),
      }),
      ...(d.flag() ? { sizes: to } : { scales: to.map((size, i) => size / sizes[i]!) }),
    });
  },
  Upsample: (d) => {
    const shape = d.shape(1, 4);
    const mode = d.pick("nearest", "linear");
    const scales = shape.map(() => (mode === "linear" ? d.pick(1, 1.5, 2, 3) : d.integer(1, 3)));
    return apply("Upsample", [d.input(shape)], { mode, scales });
  },

  // Cutting and joining.
  Concat: (d) => {
    const shape = d.shape(1, 4);
    const axis = d.axis(shape.length);
    const at = axis < 0 ? axis + shape.length : axis;
    const part = () => d.input(shape.map((dim, i) => (i === at ? d.integer(1, 3) : dim)));
    return apply("Concat", d.list(d.integer(1, 4), part), { axis });
  },
  Pad: (d) => {
    const shape = d.shape(1, 4).map((dim) => dim + 2);
    const mode = d.pick("constant", "reflect", "edge");
    const value = mode === "constant" && d.flag() ? { value: 0.5 } : {};
    const pads = [...shape, ...shape].map(() => d.integer(-1, 2));
    const kept = shape.map((dim, i) => {
      return dim + Math.min(0, pads[i]!) + Math.min(0, pads[shape.length + i]!);
    });
    const mirrored = pads.map((n, i) => Math.min(n, kept[i % shape.length]! - 1));
    return apply("Pad", [d.input(shape)], { pads: mirrored, mode, ...value });
  },
  Slice: (d) => {
    const shape = d.shape(1, 4, 6);
    const axes = d.shuffled(range(shape.length)).slice(0, d.integer(1, shape.length));
    const steps = axes.map(() => d.pick(1, 1, 2, 3, -1, -2));
    // Forwards from the front part to the end, or backwards from the end.
    const starts = axes.map((axis, i) =>
      steps[i]! > 0 ? d.integer(0, shape[axis]! - 1) - (d.flag() ? shape[axis]! : 0) : -1,
    );
    const ends = steps.map((step) => (step > 0 ? d.pick(100, 2 ** 40) : -100));
    return apply("Slice", [d.input(shape)], { starts, ends, axes, steps });
  },
  Split: (d) => {
    const shape = d.shape(1, 3);
    const axis = d.axis(shape.length);
    const sizes = d.list(d.integer(1, 3), () => d.integer(1, 3));
    const at = axis < 0 ? axis + shape.length : axis;
    const x = d.input(shape.map((dim, i) => (i === at ? sizes.reduce((a, b) => a + b) : dim)));
    return apply("Split", [x], { axis, split: sizes });
  },

  // Blocks, running sums, triangles.
  CumSum: (d) => {
    const shape = d.shape(1, 4);
    const [exclusive, reverse] = [d.integer(0, 1), d.integer(0, 1)];
    return apply("CumSum", [d.input(shape)], { axis: d.axis(shape.length), exclusive, reverse });
  },
  DepthToSpace: (d) => {
    const b = d.integer(1, 3);
    const x = d.input([d.integer(1, 2), d.integer(1, 2) * b * b, d.integer(1, 3), d.integer(1, 3)]);
    return apply("DepthToSpace", [x], { blocksize: b, mode: d.pick("DCR", "CRD") });
  },
  SpaceToDepth: (d) => {
    const b = d.integer(1, 3);
    const x = d.input([d.integer(1, 2), d.integer(1, 3), d.integer(1, 3) * b, d.integer(1, 3) * b]);
    return apply("SpaceToDepth", [x], { blocksize: b });
  },
  Trilu: (d) =>
    apply("Trilu", [d.input(d.shape(2, 4))], { k: d.integer(-2, 2), upper: d.integer(0, 1) }),

  // Generators and choices.
  ArgMax: argument("ArgMax"),
  ArgMin: argument("ArgMin"),
  ConstantOfShape: (d) => {
    const shape = d.shape(1, 3);
    return ops.mul(d.input(shape), ops.constantOfShape(d.graph, shape, 2.5));
  },
  EyeLike: (d) => apply("EyeLike", [d.input(d.shape(2, 2))], { k: d.integer(-1, 1) }),
  OneHot: (d) =>
    ops.oneHot(
      d.indices(d.shape(1, 2), -4, 4),
      3,
      [-1, 2],
      d.pick(-1, 0),
      d.pick("float32", "int32"),
    ),
  Range: (d) => ops.mul(d.input([4]), ops.arange(d.graph, 1, 3, 0.5, "float32")),
  Shape: (d) => [...apply("Shape", [d.input(d.shape(1, 3))]), d.input([1])],
  Size: (d) => [...apply("Size", [d.input(d.shape(1, 3))]), d.input([1])],
  TopK: (d) => {
    const shape = d.shape(1, 3);
    const axis = d.axis(shape.length);
    return apply("TopK", [d.distinct(shape)], {
      k: [d.integer(1, shape.at(axis)!)],
      axis,
      largest: d.integer(0, 1),
    });
  },

  // Indexing.
  Gather: (d) => {
    const shape = d.shape(1, 4);
    const axis = d.axis(shape.length);
    const dim = shape.at(axis)!;
    return apply("Gather", [d.input(shape), d.indices(d.shape(0, 2), -dim, dim - 1)], { axis });
  },
  GatherElements: (d) => {
    const shape = d.shape(1, 3);
    const axis = d.axis(shape.length);
    const at = axis < 0 ? axis + shape.length : axis;
    const own = shape.map((dim, i) => (i === at ? d.integer(1, 4) : d.integer(1, dim)));
    const indices = d.indices(own, -shape[at]!, shape[at]! - 1);
    return apply("GatherElements", [d.input(shape), indices], { axis });
  },
  GatherND: (d) => {
    const batch = d.shape(0, 1);
    const shape = d.shape(1, 3);
    const length = d.integer(1, shape.length);
    const smallest = Math.min(...shape.slice(0, length));
    const indices = d.indices([...batch, d.integer(1, 3), length], -smallest, smallest - 1);
    return apply("GatherND", [d.input([...batch, ...shape]), indices], {
      batch_dims: batch.length,
    });
  },
  ScatterElements: (d) => {
    const shape = d.shape(1, 3);
    const axis = d.integer(0, shape.length - 1);
    const count = d.integer(1, shape[axis]!);
    const own = shape.map((dim, i) => (i === axis ? count : dim));
    const indices = d.feed(own, "int64", elementIndices(d, shape, axis, count));
    const inputs = [d.input(shape), indices, d.input(own)];
    return apply("ScatterElements", inputs, { axis, reduction: d.pick("none", "add") });
  },
  ScatterND: (d) => {
    const shape = d.shape(1, 3);
    const width = d.pick(1, 6);
    const rows = d.integer(1, shape[0]!);
    const data = d.input([...shape, width]);
    const updates = d.input([rows, ...shape.slice(1), width]);
    const order = d.shuffled(range(shape[0]!)).slice(0, rows);
    if (d.flag()) {
      const targets = d.flag()
        ? d.feed([rows, 1], "int64", order)
        : d.graph.constant(order, "int64", [rows, 1]);
      return apply("ScatterND", [data, targets, updates], { reduction: d.pick("none", "add") });
    }
    // Rows that repeat add up.
    const repeated = d.indices([rows, 1], -shape[0]!, shape[0]! - 1);
    return apply("ScatterND", [data, repeated, updates], { reduction: "add" });
  },

  // Normalisation.
  BatchNormalization: (d) => {
    const shape = d.shape(2, 4);
    const channels = shape[1]!;
    const parameters = [per(d, channels), per(d, channels), per(d, channels)];
    const variance = per(d, channels, { low: 0.3, high: 2 });
    return apply("BatchNormalization", [d.input(shape), ...parameters, variance], {
      epsilon: d.pick(1e-5, 0.1),
    });
  },
  GroupNormalization: (d) => {
    const groups = d.integer(1, 2);
    const channels = groups * d.integer(1, 3);
    const x = d.input([d.integer(1, 2), channels, 3, d.integer(1, 3)], { low: -2, high: 2 });
    const count = d.pick(groups, channels);
    const inputs = [x, per(d, count), per(d, count)];
    return apply("GroupNormalization", inputs, { num_groups: groups, epsilon: 1e-2 });
  },
  InstanceNormalization: (d) => {
    const shape = [...d.shape(2, 2), 3, ...d.shape(0, 2)];
    const inputs = [d.input(shape, { low: -2, high: 2 }), per(d, shape[1]!), per(d, shape[1]!)];
    return apply("InstanceNormalization", inputs, { epsilon: 1e-2 });
  },
  LayerNormalization: (d) => {
    const shape = [...d.shape(1, 3), 3];
    const axis = d.axis(shape.length);
    const own = shape.slice(axis);
    const scale = d.input(d.flag() ? own : d.broadcast(own));
    const bias = d.flag() ? [d.input(own)] : [];
    const x = d.input(shape, { low: -2, high: 2 });
    return apply("LayerNormalization", [x, scale, ...bias], { axis, epsilon: 1e-2 });
  },
  LpNormalization: (d) => {
    const shape = d.shape(1, 4);
    const x = d.input(shape, { kinks: [0], by: 0.2 });
    return apply("LpNormalization", [x], { axis: d.axis(shape.length), p: d.integer(1, 2) });
  },
};
