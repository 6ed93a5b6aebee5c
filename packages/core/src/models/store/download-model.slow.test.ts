import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ictFaceKit, needsIct } from "../../../test/ict-facekit.js";
import { downloadModel } from "./download-model.node.js";
import { loadModel } from "./store.node.js";

const ict = ictFaceKit();
const requests = new Map<string, number>();
let home: string;
let baseUrl: string;

/** Serves the published files, the first time with faults: cut short, damaged, no answer. */
const server = createServer(async (request, response) => {
  const path = decodeURIComponent(request.url!.slice(1));
  const nth = (requests.get(path) ?? 0) + 1;
  requests.set(path, nth);
  const bytes = await readFile(join(ict!, path)).catch(() => null);
  if (!bytes) response.writeHead(404).end();
  else if (nth === 1 && path.endsWith("identity042.obj")) response.end(bytes.subarray(0, 1e6));
  else if (nth === 1 && path.endsWith("jawOpen.obj")) response.end(bytes.map((b) => b ^ 1));
  else if (nth === 1 && path.endsWith("identity007.obj")) response.destroy();
  else response.end(bytes);
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  home = await mkdtemp(join(tmpdir(), "ganfit-ict-"));
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(home, { recursive: true });
});

test.skipIf(ict === null)(
  needsIct(ict, "ICT-FaceKit comes from a server, cancelled once and with faults, into the store"),
  async () => {
    const controller = new AbortController();
    const first = downloadModel("ict-facekit", {
      baseUrl,
      home,
      retryDelay: 1,
      signal: controller.signal,
      onProgress: ({ filesDone }) => filesDone === 80 && controller.abort(),
    });
    await expect(first).rejects.toMatchObject({ code: "cancelled" });
    expect(await readdir(home)).toEqual(["downloads"]);
    requests.delete("FaceXModel/jawOpen.obj");

    await downloadModel("ict-facekit", { baseUrl, home, retryDelay: 1 });
    const total = [...requests.values()].reduce((a, b) => a + b);
    expect(total).toBeLessThan(160 + 20);
    expect(requests.get("FaceXModel/jawOpen.obj")).toBe(2);
    const model = await loadModel("ict-facekit", { home, identityModes: 3 });
    expect([model.name, model.licence, model.mean.length / 3]).toEqual([
      "ict-facekit",
      "MIT",
      26_719,
    ]);
    expect(await readdir(join(home, "downloads"))).toEqual([]);
  },
);
