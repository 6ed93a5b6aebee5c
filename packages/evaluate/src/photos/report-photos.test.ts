import { expect, it } from "vitest";
import type { Table } from "../report/report.js";
import type { KnownPhoto, MeasuredFile } from "./photo-results.js";
import { type PhotosOutcome, reportPhotos } from "./report-photos.js";

const judge = { name: "a judge", sha256: "c".repeat(64), fittedWith: false };

/** A unit vector at an angle: the cosine of two is that of their difference. */
const at = (degrees: number) =>
  Float32Array.of(Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180));

/** A photo whose head from the front is at an angle; null where no face is seen in its picture. */
function measured(photo: string, head: number | null, size: number): MeasuredFile {
  const [person = "", place = ""] = photo.split("/");
  return {
    person,
    photo,
    place: Number(place) - 1,
    probe: true,
    kept: false,
    problem: null,
    figures: {
      seconds: size,
      landmarkError: 0.01,
      // A right angle of three vertices, of this size in mm.
      shape: Float32Array.of(0, 0, 0, size, 0, 0, 0, size, 0),
      textures: [
        {
          texture: "photo",
          own: { psnr: 20 + size, ssim: 0.8, covered: 1 },
          other: { psnr: 20, ssim: 0.7, covered: 0.9 },
          features: head === null ? null : at(head),
          problems: head === null ? ["No face was found."] : [],
        },
      ],
    },
    pictures: new Map([["photo", `pictures/${photo.replace("/", "_")}.jpg`]]),
  };
}

const known = (photo: string, degrees: number): KnownPhoto => ({
  person: photo.split("/")[0]!,
  photo,
  compared: true,
  features: at(degrees),
  problem: null,
});

const outcome: PhotosOutcome = {
  measured: [
    measured("a/1", 10, 3),
    measured("a/2", 60, 3),
    measured("b/1", 100, 6),
    measured("b/2", null, 9),
  ],
  known: [known("a/1", 0), known("a/2", 20), known("b/1", 90), known("b/2", 110)],
  textures: ["photo"],
  measures: ["identity", "other", "shape"],
  probes: "all",
  judge,
  fitter: [],
};

const rowsOf = ({ columns, rows }: Table) =>
  rows.map((row) => Object.fromEntries(columns.map(({ name }, i) => [name, row[i]])));
const tableOf = (from: PhotosOutcome, title: string) =>
  rowsOf(reportPhotos(from).tables.find((table) => table.title === title)!);
const cosine = (degrees: number) => Math.cos((degrees * Math.PI) / 180);

it("heads are compared with the person's other photos and all of others, never with their own", () => {
  const [row] = tableOf(outcome, "Re-identification");
  // a/1 at 10 with 20, others 90 and 110; a/2 at 60 with 0, others 90: taken for b; b/1 at 100 with 110.
  expect(row).toMatchObject({ heads: 4, "not comparable": 1, "rank 1": 0.5 });
  // The own cosines 10, 60, 10 degrees; the others' 80, 100, 30, 50, 100, 80: 60 is farther than 30 and 50.
  expect(row!.AUC).toBeCloseTo((18 - 2) / 18, 12);
  expect(row!["same, least"]).toBeCloseTo(cosine(60), 6);
  expect(row!["others, most"]).toBeCloseTo(cosine(30), 6);
  expect(row!["two photos"]).toBeCloseTo(cosine(20), 6);
});

it("the photo's table has means and the least", () => {
  const [row] = tableOf(outcome, "Photo and its own head");
  expect(row).toMatchObject({ photos: 4, "not fitted": 0, "PSNR, dB": 25.25, "least PSNR": 23 });
  expect(row!.likeness).toBeCloseTo((cosine(10) + cosine(40) + cosine(10)) / 3, 6);
  expect(row!["least likeness"]).toBeCloseTo(cosine(40), 6);
  expect(row!["seconds, median"]).toBe(4.5);
});

it("photos that could not be fitted are told of and count as not recognised", () => {
  const failed: MeasuredFile = {
    ...measured("b/1", null, 1),
    figures: null,
    problem: "No face was found.",
    pictures: new Map(),
  };
  const changed = { ...outcome, measured: outcome.measured.with(2, failed) };
  expect(tableOf(changed, "Photo and its own head")[0]).toMatchObject({ "not fitted": 1 });
  expect(tableOf(changed, "Re-identification")[0]).toMatchObject({ heads: 4, "rank 1": 0.25 });
  const report = reportPhotos(changed);
  expect(report.problems.map(({ system, subject }) => [system, subject])).toEqual([
    ["fit", "b/1"],
    ["photo", "b/2"],
  ]);
  expect(report.subjects.map(({ subject }) => subject)).not.toContain("b/1");
});

it("rows begin with those that nobody sees a face in, and the least alike", () => {
  const { subjects } = reportPhotos(outcome);
  expect(subjects.map(({ subject }) => subject)).toEqual(["b/2", "a/2", "a/1", "b/1"]);
  expect(subjects[0]!.figures.likeness).toBeNaN();
  expect(Object.keys(subjects[1]!.figures)[0]).toBe("likeness");
  expect(subjects[1]!.pictures).toEqual([{ title: "a/2, taken for b", file: "pictures/a_2.jpg" }]);
});

it("shapes of the same and of different people are told apart", () => {
  const [row] = tableOf(outcome, "Shapes without expression");
  expect(row).toMatchObject({ "pairs, same": 2, "pairs, different": 2 });
  // a's are equal; b's are 6 and 9 mm.
  expect(row!["different, mm"]! as number).toBeGreaterThan(row!["same, mm"]! as number);
});

it("what was not measured has no table", () => {
  const alone = {
    ...outcome,
    measured: [measured("a/1", 10, 3)],
    known: [],
    measures: [],
  };
  expect(reportPhotos(alone).tables.map(({ title }) => title)).toEqual([
    "Photo and its own head",
    "Another photo of the same person",
  ]);
  expect(Object.keys(reportPhotos(alone).subjects[0]!.figures)[0]).toBe("PSNR, dB");
});

it("a judge that heads were fitted with is named as such", () => {
  expect(reportPhotos(outcome).protocol.join()).toContain("which no fit has used");
  const same = { ...outcome, judge: { ...judge, fittedWith: true } };
  expect(reportPhotos(same).protocol.join()).toContain("THE NETWORK IT WAS FITTED WITH");
});
