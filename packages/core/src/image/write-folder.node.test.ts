import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { GanfitError } from "../errors.js";
import { requireFolder, writeFolder } from "./write-folder.node.js";

const root = mkdtempSync(join(tmpdir(), "ganfit-folder-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const files = new Map([
  ["a.txt", Buffer.from("a")],
  ["b.txt", Buffer.from("b")],
]);

it("makes the folder and replaces files", async () => {
  const folder = join(root, "new", "deep");
  await writeFolder(folder, files);
  await writeFolder(folder, new Map([["a.txt", Buffer.from("again")]]));
  expect(readdirSync(folder).sort()).toEqual(["a.txt", "b.txt"]);
  expect(readFileSync(join(folder, "a.txt"), "utf8")).toBe("again");
});

it("leaves nothing of the set when one file cannot be written", async () => {
  const folder = join(root, "blocked");
  mkdirSync(join(folder, "b.txt"), { recursive: true });
  await expect(writeFolder(folder, files)).rejects.toMatchObject({
    code: "output",
    message: expect.stringMatching(/b\.txt.*folder/),
  });
  expect(readdirSync(folder)).toEqual(["b.txt"]);
});

it("leaves not even the folder when it is interrupted", async () => {
  const reason = new GanfitError("cancelled", "interrupted");
  const folder = join(root, "interrupted", "deep");
  await expect(writeFolder(folder, files, AbortSignal.abort(reason))).rejects.toBe(reason);
  expect(existsSync(join(root, "interrupted"))).toBe(false);
});

it("knows beforehand where no folder can be", async () => {
  await writeFile(join(root, "file"), "");
  await expect(requireFolder(join(root, "absent", "below"))).resolves.toBeUndefined();
  for (const place of [join(root, "file"), join(root, "file", "below")]) {
    await expect(requireFolder(place)).rejects.toMatchObject({ code: "output" });
  }
});
