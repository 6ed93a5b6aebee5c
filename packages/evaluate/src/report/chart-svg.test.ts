import { decodeImage } from "@ganfit/core";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { describe, expect, test } from "vitest";
import { svgPng } from "./chart-png.node.js";
import { chartSvg } from "./chart-svg.js";
import type { Chart } from "./report.js";

const LINE: Chart = {
  name: "line",
  title: "A line",
  x: "error, mm",
  y: "share",
  kind: "line",
  series: [
    { name: "a", x: [0, 1, 2], y: [0, 0.5, 1] },
    { name: "b", x: [0, 1, 2], y: [0, Number.NaN, 0.4] },
  ],
};

const BARS: Chart = {
  ...LINE,
  name: "bars",
  kind: "histogram",
  series: [{ name: "a", x: [0, 1, 2], y: [3, 10] }],
};

const HOSTILE = `</text><script>alert("1")</script>'&\u0000\ud800\u202e|😀`;

function parse(svg: string) {
  expect(XMLValidator.validate(svg)).toBe(true);
  return new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: "",
    parseTagValue: false,
  }).parse(svg).svg;
}

const seriesPaths = (svg: string) =>
  parse(svg)
    .path.filter((path: { "stroke-width"?: string }) => path["stroke-width"] === "2")
    .map((path: { d: string }) => path.d);

describe("chartSvg", () => {
  test("data are where the axes say", () => {
    const [a, b] = seriesPaths(chartSvg(LINE));
    // x 0 to 2 is 72 to 696, y 0 to 1 is 372 to 52.
    expect(a).toBe("M72,372L384,212L696,52");
    // The gap leaves two single points.
    expect(b).toBe("M72,372ZM696,244Z");
  });

  test("a histogram's steps start and end at the ground", () => {
    expect(seriesPaths(chartSvg(BARS))).toEqual(["M72 372L72 276H384L384 52H696V372"]);
  });

  test("axes, title and legend are labelled", () => {
    const root = parse(chartSvg(LINE));
    const texts = root.text.map((text: { "#text": unknown }) => String(text["#text"]));
    expect(texts).toEqual(
      expect.arrayContaining(["A line", "error, mm", "share", "0.0", "1.0", "2.0"]),
    );
    expect(root.g.map((entry: { title: string }) => entry.title)).toEqual(["a", "b"]);
  });

  test("a logarithmic axis has numbers at powers of ten, and leaves out what is not positive", () => {
    const svg = chartSvg({
      ...LINE,
      xScale: "log",
      series: [{ name: "a", x: [0, 0.001, 0.01, 1], y: [0, 0, 1, 1] }],
    });
    expect(seriesPaths(svg)).toEqual(["M72,372L280,52L696,52"]);
    expect(svg).toContain(">0.001<");
    expect(svg).not.toContain(">0.002<");
  });

  test("thirty series all look different", () => {
    const series = Array.from({ length: 30 }, (_, i) => ({ name: `s${i}`, x: [0, 1], y: [i, i] }));
    const looks = parse(chartSvg({ ...LINE, series })).path.flatMap(
      (path: Record<string, string>) =>
        path["stroke-width"] === "2" ? [`${path.stroke} ${path["stroke-dasharray"] ?? ""}`] : [],
    );
    expect(new Set(looks).size).toBe(30);
  });

  test("hostile names come out as text", () => {
    const svg = chartSvg({
      ...LINE,
      title: HOSTILE,
      x: HOSTILE,
      y: HOSTILE,
      series: [{ ...LINE.series[0]!, name: HOSTILE.repeat(9) }],
    });
    const root = parse(svg);
    expect(svg).not.toContain("<script");
    expect(root.script).toBeUndefined();
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
    expect(svg).not.toMatch(/[\u0000-\u0008]|\u202e/);
    expect(svg).toContain("😀");
    expect(new TextDecoder().decode(new TextEncoder().encode(svg))).toBe(svg);
  });

  test("nothing, one point and equal values still make a chart", async () => {
    for (const series of [[], [{ name: "a", x: [3], y: [0] }], [{ name: "a", x: [], y: [] }]]) {
      for (const xScale of ["linear", "log"] as const) {
        const svg = chartSvg({ ...LINE, xScale, series });
        parse(svg);
        expect(svg).not.toMatch(/NaN|Infinity|undefined/);
      }
    }
  });

  test("lengths that do not belong together are refused", () => {
    const series = [{ name: "s", x: [1, 2], y: [1, 2] }];
    expect(() => chartSvg({ ...BARS, series })).toThrow(
      "The chart bars has 2 values of x and 2 of y for s, which do not belong together.",
    );
    expect(() => chartSvg({ ...LINE, series: [{ name: "s", x: [1], y: [] }] })).toThrow(/1 values/);
  });
});

describe("svgPng", () => {
  test("twice the SVG's size, with text and lines, the same each time", async () => {
    const svg = chartSvg(LINE);
    const png = await svgPng(svg);
    expect(await svgPng(svg)).toEqual(png);
    const image = await decodeImage(png);
    const height = Number(parse(svg).height);
    expect([image.width, image.height]).toEqual([1440, 2 * height]);
    const count = (left: number, top: number, right: number, bottom: number, wanted: number[]) => {
      let pixels = 0;
      for (let y = 2 * top; y < 2 * bottom; y++) {
        for (let x = 2 * left; x < 2 * right; x++) {
          const p = 3 * (y * image.width + x);
          if (wanted.every((c, i) => Math.abs(c - image.data[p + i]!) < 12)) pixels++;
        }
      }
      return pixels;
    };
    // The title's letters, the ones of the axis' label, and the first line's blue half-way.
    expect(count(72, 14, 200, 36, [31, 35, 40])).toBeGreaterThan(300);
    expect(count(330, 400, 440, 424, [31, 35, 40])).toBeGreaterThan(100);
    expect(count(380, 208, 388, 216, [0, 114, 178])).toBeGreaterThan(10);
    expect(count(0, 0, 10, 10, [255, 255, 255])).toBe(400);
  });
});
