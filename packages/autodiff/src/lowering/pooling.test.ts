import fc from "fast-check";
import { expect, it } from "vitest";
import { generator, uniform } from "../../test/finite-differences.js";
import { Census, checkLowering } from "../../test/properties.js";
import { Graph } from "../graph/graph.js";
import { averagePool } from "../operators/pooling.js";

const axis = fc.record({
  room: fc.nat(4),
  kernel: fc.integer({ min: 1, max: 3 }),
  stride: fc.integer({ min: 1, max: 3 }),
  dilation: fc.constantFrom(1, 1, 1, 1, 2),
  begin: fc.nat(2),
  end: fc.nat(2),
});
const setting = fc.record({
  axes: fc.array(axis, { minLength: 1, maxLength: 3 }),
  channels: fc.integer({ min: 1, max: 3 }),
  ceil_mode: fc.constantFrom(0, 1),
  count_include_pad: fc.constantFrom(0, 1),
});

it("an average that opset 17 cannot express is a convolution, of the same value", () => {
  const census = new Census();
  fc.assert(
    fc.property(setting, fc.integer(), ({ axes, channels, ...modes }, seed) => {
      const pads = (name: "begin" | "end") => axes.map((a) => Math.min(a[name], a.kernel - 1));
      const sizes = axes.map((a) => (a.kernel - 1) * a.dilation + 1 + a.room);
      const x = new Graph().input("x", "float64", [2, channels, ...sizes]);
      const y = averagePool(
        x,
        axes.map(({ kernel }) => kernel),
        {
          strides: axes.map(({ stride }) => stride),
          dilations: axes.map(({ dilation }) => dilation),
          pads: [...pads("begin"), ...pads("end")],
          ...modes,
        },
      );
      const types = checkLowering(y, [[x, uniform(generator(seed), x.size)]]);
      const dilated = axes.some((a) => a.dilation > 1);
      expect(types ?? []).not.toContain("AveragePool");
      if (dilated) expect(types).toContain("Conv");
      census.note({
        dilated,
        "overhanging, with the padding counted": !dilated && types !== undefined,
        "left as it is": types === undefined,
        volume: axes.length === 3,
      });
    }),
    { seed: 38, numRuns: 400 },
  );
  census.require(10);
});
