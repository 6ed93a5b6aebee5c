import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ljsonText, npyBytes, pointRowsText, ppText } from "./landmark-text.js";
import { parseLandmarks } from "./parse-landmarks.js";

const parse = (text: string, name: string, count: number) =>
  parseLandmarks(new TextEncoder().encode(text), name, count);
const base64 = (text: string) => Uint8Array.from(Buffer.from(text, "base64"));

const POINTS = [1, 2, 3, -4.5, 5e-3, 6];
const TWO = "[[1,2,3],[-4.5,5e-3,6]]";

const PP = `<!DOCTYPE PickedPoints>
<PickedPoints>
 <DocumentData>
  <DateTime time="10:11:12" date="2018-01-01"/>
  <User name="me"/>
  <DataFileName name="scan.obj"/>
  <templateName name="new Template"/>
 </DocumentData>
 <point x="1" y="2" z="3" active="1" name="a &amp; b"/>
 <point name="1" active="1" z="6" y="5e-3" x="-4.5"/>
</PickedPoints>`;

describe("parseLandmarks", () => {
  it.each([
    ["a.LJSON", `{"version":2,"labels":[],"landmarks":{"connectivity":[],"points":${TWO}}}`],
    ["a.ljson", `{"version":3,"groups":{"LJSON":{"landmarks":{"points":${TWO}}}}}`],
    ["a.ljson", `{"version":3,"groups":{"face":{"landmarks":{"points":${TWO}}}}}`],
    ["a.ljson", `{"version":3,"groups":{"b":{},"LJSON":{"landmarks":{"points":${TWO}}}}}`],
    ["a.pts", "version: 1\nn_points: 2\n{\n1 2 3\n-4.5 5e-3 6\n}\n"],
    ["a.pts", "version: 1\r\nn_points:  2\r\n{\r\n1 2 3\r\n-4.5 5e-3 6\r\n}"],
    ["a.pts", "2\n1 2 3\n-4.5 5e-3 6\n"],
    ["a.pts", "1 2 3\n-4.5 5e-3 6\n"],
    ["a.txt", "# x y z\n1 2 3\n\n -4.5   5e-3 6.0 "],
    ["a.txt", "1, 2, 3\r\n-4.5,5e-3 ,6\r\n"],
    ["a.txt", "\ufeff1\t2\t3\n-4.5\t5e-3\t6\n"],
    ["a.json", TWO],
    ["a.json", `{"points":${TWO}}`],
    ["a.json", `{"landmarks":${TWO},"more":1}`],
    ["a.pp", PP],
  ])("reads %s: %j", (name, text) => {
    expect([...parse(text, name, 2)]).toEqual(POINTS);
  });

  it("reads MeshLab's points where there is one only", () => {
    expect([...parse(PP.replace(/ <point name.*\n/, ""), "a.pp", 1)]).toEqual([1, 2, 3]);
  });

  // Written by numpy 1.26: numpy.arange(12).reshape(4, 3) * 0.5 - 1.
  it.each([
    [
      "float64",
      "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDQsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAADwvwAAAAAAAOC/AAAAAAAAAAAAAAAAAADgPwAAAAAAAPA/AAAAAAAA+D8AAAAAAAAAQAAAAAAAAARAAAAAAAAACEAAAAAAAAAMQAAAAAAAABBAAAAAAAAAEkA=",
    ],
    [
      "float32 in Fortran's order",
      "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoNCwgMyksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAIC/AAAAPwAAAEAAAGBAAAAAvwAAgD8AACBAAACAQAAAAAAAAMA/AABAQAAAkEA=",
    ],
    [
      "big-endian float64",
      "k05VTVBZAQB2AHsnZGVzY3InOiAnPmY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDQsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAq/8AAAAAAAAL/gAAAAAAAAAAAAAAAAAAA/4AAAAAAAAD/wAAAAAAAAP/gAAAAAAABAAAAAAAAAAEAEAAAAAAAAQAgAAAAAAABADAAAAAAAAEAQAAAAAAAAQBIAAAAAAAA=",
    ],
  ])("reads numpy's arrays (%s)", (_, file) => {
    const expected = Float64Array.from({ length: 12 }, (_, i) => i * 0.5 - 1);
    expect(parseLandmarks(base64(file), "a.npy", 4)).toEqual(expected);
  });

  it.each([
    ["a.txt", "1 2 3\n", "a.txt has 1 points where 2 are needed."],
    ["a.txt", "", "a.txt has 0 points where 2 are needed."],
    ["a.txt", "1 2 3\n4 5\n", "At line 2, a.txt has 2 coordinates where 3 are needed."],
    ["a.txt", "1 2 3\n4 5 6 7\n", "At line 2, a.txt has 4 coordinates where 3 are needed."],
    ["a.txt", "1 2 3\n4 nan 5\n", 'At line 2, a.txt has "nan" where a number belongs.'],
    ["a.txt", "1,,2,3\n", 'At line 1, a.txt has "" where a number belongs.'],
    [
      "a.pts",
      "version: 1\nn_points: 3\n{\n1 2 3\n4 5 6\n}\n",
      "a.pts says that it has 3 points, but has 2.",
    ],
    ["a.pts", "3\n1 2 3\n4 5 6\n", "a.pts says that it has 3 points, but has 2."],
    [
      "a.pts",
      "version: 1\nn_points: 2\n{\n1 2 3\n4 5 6\n",
      "a.pts is cut off: it does not end with a closing brace.",
    ],
    [
      "a.pts",
      "version 1\nn_points: 2\n{\n1 2 3\n4 5 6\n}",
      "At line 1, a.pts has a header that no .pts file has.",
    ],
    [
      "a.pts",
      "version: 1\nn_points: 2\n{\n1 2\n4 5\n}",
      "At line 4, a.pts has 2 coordinates where 3 are needed.",
    ],
    ["a.json", "[[1,2,3],[1,2,", "a.json is not JSON, or cut off."],
    ["a.json", "[[1,2,3],[1,2]]", "Point 2 of a.json has 2 coordinates where 3 are needed."],
    ["a.json", "[[1,2,3],4]", "Point 2 of a.json is no list of numbers."],
    [
      "a.json",
      '[[1,2,3],[1,2,"3"]]',
      "Point 2 of a.json has a coordinate that is no finite number.",
    ],
    [
      "a.json",
      "[[1,2,3],[1,2,1e999]]",
      "Point 2 of a.json has a coordinate that is no finite number.",
    ],
    ["a.json", '{"a":1}', "a.json has no list of points."],
    ["a.json", "null", "a.json has no list of points."],
    [
      "a.ljson",
      '{"version":2,"landmarks":{"points":[[1,2,3],[null,null,null]]}}',
      "Point 2 of a.ljson has coordinates that are null, as menpo writes a landmark that was not seen.",
    ],
    [
      "a.ljson",
      '{"version":1,"groups":[]}',
      "a.ljson is of version 1 of menpo's landmark files, but versions 2 and 3 are read.",
    ],
    [
      "a.ljson",
      "[]",
      "a.ljson is of version unknown of menpo's landmark files, but versions 2 and 3 are read.",
    ],
    [
      "a.ljson",
      '{"version":3,"groups":{"a":{},"b":{}}}',
      'a.ljson has 2 groups of landmarks and none is named "LJSON", so that it is not clear which is meant.',
    ],
    ["a.ljson", '{"version":3,"groups":{"a":{}}}', "a.ljson has no list of points."],
    [
      "a.pp",
      PP.replace('active="1" name="a', 'active="0" name="a'),
      'Point 1 of a.pp was not picked (active="0").',
    ],
    [
      "a.pp",
      PP.replace('x="1"', 'x="1,5"'),
      "Point 1 of a.pp has a coordinate that is no finite number.",
    ],
    ["a.pp", PP.replace('x="1"', ""), "Point 1 of a.pp has a coordinate that is no finite number."],
    ["a.pp", PP.slice(0, -5), "a.pp is not XML, or cut off."],
    ["a.pp", "<other/>", "a.pp is not a file of MeshLab's picked points."],
    [
      "a.pp",
      '<PickedPoints><a><point x="1" y="2" z="3"/></a></PickedPoints>',
      "a.pp has 0 points where 2 are needed.",
    ],
    ["a.npy", "text", "a.npy is not in numpy's .npy format."],
    [
      "a.xyz",
      "",
      "a.xyz has no landmarks that can be read: its ending is none of .ljson, .pts, .txt, .json, .pp, .npy.",
    ],
  ])("refuses %s: %j", (name, text, message) => {
    expect(() => parse(text, name, 2)).toThrow(expect.objectContaining({ code: "data", message }));
  });

  it("does not expand entities", () => {
    const bomb = `<!DOCTYPE a [<!ENTITY one "1"><!ENTITY two "&one;&one;">]>${PP.split("\n").slice(1).join("\n").replace('x="1"', 'x="&two;"')}`;
    expect(() => parse(bomb, "a.pp", 2)).toThrow(expect.objectContaining({ code: "data" }));
  });

  it.each([
    [
      "pickled objects",
      "k05VTVBZAQB2AHsnZGVzY3InOiAnfE8nLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMSwgMyksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAqABJWSAAAA",
      "a.npy is an array of Python objects where (n, 3) numbers belong.",
    ],
    [
      "another shape",
      "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDQsIDIpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
      "a.npy is an array of (4, 2) where (n, 3) numbers belong.",
    ],
    [
      "numbers that are none",
      "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDEsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAD4fwAAAAAAAPh/AAAAAAAA+H8=",
      "Point 1 of a.npy has a coordinate that is not finite.",
    ],
  ])("refuses numpy's %s", (_, file, message) => {
    expect(() => parseLandmarks(base64(file), "a.npy", 1)).toThrow(
      expect.objectContaining({ code: "data", message }),
    );
  });
});

describe("writers of landmarks", () => {
  const points = fc
    .array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 3, maxLength: 60 })
    .map((numbers) => Float64Array.from(numbers.slice(0, 3 * Math.floor(numbers.length / 3))))
    // JSON and XML keep no sign of zero.
    .map((numbers) => numbers.map((x) => x + 0));

  it.each([
    ["a.ljson", ljsonText],
    ["a.pp", (p: Float64Array) => ppText(p, ["<\"&'>"])],
    ["a.pp", (p: Float64Array) => ppText(p)],
    ["a.txt", pointRowsText],
    ["a.pts", pointRowsText],
  ])("write %s that is read back to the last bit", (name, write) => {
    fc.assert(
      fc.property(points, (p) => {
        expect(parse(write(p), name, p.length / 3)).toEqual(p);
      }),
      { seed: 5, numRuns: 50 },
    );
  });

  it("writes numpy's arrays as numpy does", () => {
    const written = npyBytes(Float64Array.from({ length: 12 }, (_, i) => i * 0.5 - 1));
    // numpy.save of the same numbers as float32.
    const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (4, 3), }";
    const expected = Buffer.concat([
      Buffer.from("934e554d5059010076 00".replace(" ", ""), "hex"),
      Buffer.from(`${header.padEnd(117)}\n`, "latin1"),
      Buffer.from(
        "000080bf000000bf000000000000003f0000803f0000c03f000000400000204000004040000060400000804000009040",
        "hex",
      ),
    ]);
    expect(Buffer.from(written).toString("hex")).toBe(expected.toString("hex"));
    expect([...parseLandmarks(written, "a.npy", 4)].slice(0, 3)).toEqual([-1, -0.5, 0]);
  });
});
