import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { random } from "../../../test/sample-model.js";
import { CATALOGUE } from "./catalogue.js";
import {
  type DownloadProgress,
  downloadFiles,
  type Manifest,
  readManifest,
} from "./download.node.js";
import { catalogueEntry, catalogueManifest } from "./download-model.node.js";

const next = random(3);
const contents = new Map(
  Array.from({ length: 12 }, (_, k) => [
    k === 0 ? "LICENSE" : `folder/file${k}.bin`,
    Uint8Array.from({ length: 20_000 + 1000 * k }, () => 256 * next()),
  ]),
);
const manifest: Manifest = {
  files: [...contents].map(([path, bytes]) => ({
    path,
    size: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
  })),
};
const SLOWEST = "folder/file7.bin";
const fast = { retryDelay: 1, attempts: 3 };

/** Answers before the file is served; true where it has answered. */
type Fault = (path: string, response: ServerResponse, bytes: Uint8Array, nth: number) => boolean;

let fault: Fault = () => false;
let requests = new Map<string, number>();
let underWay = 0;
let mostUnderWay = 0;

function serve(request: IncomingMessage, response: ServerResponse): void {
  const path = request.url!.slice("/base/".length);
  const nth = (requests.get(path) ?? 0) + 1;
  requests.set(path, nth);
  underWay++;
  mostUnderWay = Math.max(mostUnderWay, underWay);
  response.on("close", () => underWay--);
  const bytes = contents.get(path);
  if (!request.url!.startsWith("/base/") || !bytes) response.writeHead(404).end();
  else if (!fault(path, response, bytes, nth)) setTimeout(() => response.end(bytes), 2);
}

const server = createServer(serve);
let base = "";
let parent: string;
let directory: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/base/`;
  parent = await mkdtemp(join(tmpdir(), "ganfit-download-"));
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(parent, { recursive: true });
});
beforeEach(async () => {
  fault = () => false;
  requests = new Map();
  mostUnderWay = 0;
  directory = await mkdtemp(join(parent, "target-"));
});

async function files(): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.filter((e) => e.isFile()).map((e) => join(e.parentPath, e.name));
}

async function expectWhole(): Promise<void> {
  for (const [path, bytes] of contents) {
    expect(Buffer.compare(await readFile(join(directory, path)), bytes), path).toBe(0);
  }
  expect((await files()).length).toBe(contents.size);
}

test("fetches all files, some at a time, and reports progress", async () => {
  const seen: DownloadProgress[] = [];
  await downloadFiles(manifest, [base], directory, {
    parallel: 3,
    onProgress: (p) => seen.push(p),
  });
  await expectWhole();
  expect(mostUnderWay).toBeLessThanOrEqual(3);
  const total = manifest.files.reduce((sum, file) => sum + file.size, 0);
  expect(seen.at(-1)).toMatchObject({
    filesDone: 12,
    filesTotal: 12,
    bytesDone: total,
    bytesTotal: total,
  });
  for (let i = 1; i < seen.length; i++) {
    expect(seen[i]!.bytesDone).toBeGreaterThanOrEqual(seen[i - 1]!.bytesDone);
  }
});

test("goes on after an interruption, and fetches only what is missing or damaged", async () => {
  fault = (path, response, bytes) => {
    if (path !== SLOWEST) return false;
    response.writeHead(200, { "Content-Length": bytes.length });
    response.write(bytes.subarray(0, 5000));
    setTimeout(() => response.destroy(), 5);
    return true;
  };
  await expect(downloadFiles(manifest, [base], directory, fast)).rejects.toMatchObject({
    code: "download",
    message: expect.stringMatching(/file7.bin could not be fetched.*kept/),
  });
  expect((await files()).filter((name) => name.endsWith(".part"))).toEqual([]);
  expect(requests.get(SLOWEST)).toBe(3);
  const had = (await files()).length;
  expect(had).toBeGreaterThan(0);
  fault = () => false;
  requests = new Map();
  await writeFile(
    join(directory, "LICENSE"),
    contents.get("LICENSE")!.map((b) => b ^ 1),
  );
  await downloadFiles(manifest, [base], directory, fast);
  await expectWhole();
  expect(requests.get("LICENSE")).toBe(1);
  expect([...requests.values()].reduce((a, b) => a + b)).toBeLessThanOrEqual(12 - had + 1);
});

test.each<[string, Fault]>([
  ["a damaged byte", (_, r, bytes) => !!r.end(bytes.map((b, i) => (i === 99 ? b ^ 4 : b)))],
  ["a short file", (_, r, bytes) => !!r.end(bytes.subarray(0, -1))],
  ["a long file", (_, r, bytes) => !!r.end(Buffer.concat([bytes, Buffer.alloc(1e6)]))],
  ["a broken connection", (_, r) => !!r.destroy()],
  ["an overloaded server", (_, r) => !!r.writeHead(503, { "Retry-After": "0" }).end()],
  ["a web page", (_, r) => !!r.end("<html>Please sign in</html>")],
])("%s is tried again and then succeeds or fails clearly", async (_, answer) => {
  fault = (path, response, bytes, nth) =>
    path === SLOWEST && nth < 3 && answer(path, response, bytes, nth);
  await downloadFiles(manifest, [base], directory, fast);
  await expectWhole();
  expect(requests.get(SLOWEST)).toBe(3);
  await rm(join(directory, SLOWEST));
  fault = (path, response, bytes, nth) => path === SLOWEST && answer(path, response, bytes, nth);
  await expect(downloadFiles(manifest, [base], directory, fast)).rejects.toMatchObject({
    code: "download",
  });
  expect((await files()).length).toBe(contents.size - 1);
});

test("a stalled connection is given up", async () => {
  fault = (path, response, bytes, nth) => {
    if (path !== SLOWEST || nth > 1) return false;
    response.write(bytes.subarray(0, 10));
    return true;
  };
  await downloadFiles(manifest, [base], directory, { ...fast, stallTimeout: 200 });
  await expectWhole();
});

test("a missing file is not tried again, but looked for at the next address", async () => {
  const nowhere = `${base}nowhere/`;
  await downloadFiles(manifest, [nowhere, base], directory, fast);
  await expectWhole();
  expect(requests.get("nowhere/LICENSE")).toBe(1);
  await rm(directory, { recursive: true });
  await expect(downloadFiles(manifest, [nowhere], directory, fast)).rejects.toThrow(/answers 404/);
});

test("nobody there is a download error", async () => {
  await expect(
    downloadFiles(manifest, ["http://127.0.0.1:9/"], directory, fast),
  ).rejects.toMatchObject({ code: "download" });
});

test("can be cancelled, and keeps what has come", async () => {
  const controller = new AbortController();
  const run = downloadFiles(manifest, [base], directory, {
    ...fast,
    parallel: 1,
    signal: controller.signal,
    onProgress: ({ filesDone }) => filesDone === 3 && controller.abort(),
  });
  await expect(run).rejects.toMatchObject({ code: "cancelled" });
  expect((await files()).length).toBe(3);
  await expect(
    downloadFiles(manifest, [base], directory, { signal: AbortSignal.abort() }),
  ).rejects.toMatchObject({ code: "cancelled" });
});

test("can be cancelled while bodies are on their way", async () => {
  fault = (_, response, bytes) => {
    response.writeHead(200, { "Content-Length": bytes.length });
    return response.write(bytes.subarray(0, 1000)) || true;
  };
  const run = downloadFiles(manifest, [base], directory, { signal: AbortSignal.timeout(100) });
  await expect(run).rejects.toMatchObject({ code: "cancelled" });
  expect(await files()).toEqual([]);
});

test("a list of files must be one, without paths that lead elsewhere", async () => {
  const sha256 = "0".repeat(64);
  for (const path of ["../x", "/x", "a/../b", "a//b", "", ".", "a\\b", "a/..", "c:x"]) {
    await writeFile(
      join(parent, "list.json"),
      JSON.stringify({ files: [{ path, size: 1, sha256 }] }),
    );
    await expect(readManifest(join(parent, "list.json")), path).rejects.toMatchObject({
      code: "download",
    });
  }
  await writeFile(join(parent, "list.json"), JSON.stringify(manifest));
  expect(await readManifest(join(parent, "list.json"))).toEqual(manifest);
});

test("the catalogue's lists are sound, and its addresses pinned", async () => {
  for (const entry of CATALOGUE) {
    const { files } = await catalogueManifest(entry);
    expect(files.length).toBeGreaterThan(0);
    expect(files.map((file) => file.path)).toContain("LICENSE");
    expect(entry.sources[0]).toMatch(/[0-9a-f]{40}\/$/);
  }
  expect((await catalogueManifest(catalogueEntry("ict-facekit"))).files.length).toBe(160);
  expect(() => catalogueEntry("nothing")).toThrow(/there are: ict-facekit/);
});
