import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "tar";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fetchPackage } from "./fetch-package.node.js";

/** A registry with one package, on this machine. */
let server: Server;
let work: string;
let tarball: Buffer;
let requests = 0;
const made: string[] = [];
const NAME = "ganfit-test-package";
const registry = process.env.npm_config_registry;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "ganfit-package-"));
  await mkdir(join(work, "package"));
  await writeFile(
    join(work, "package", "package.json"),
    JSON.stringify({ name: NAME, version: "1.2.3" }),
  );
  await writeFile(join(work, "package", "data.txt"), "some data");
  const file = join(work, "package.tgz");
  await create({ gzip: true, file, cwd: work }, ["package"]);
  tarball = await readFile(file);
  const integrity = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
  server = createServer((request, response) => {
    requests++;
    const url = `http://${request.headers.host}`;
    if (request.url === `/${NAME}`) {
      const dist = { tarball: `${url}/file.tgz`, integrity };
      const version = { name: NAME, version: "1.2.3", dist };
      const body = { name: NAME, "dist-tags": { latest: "1.2.3" }, versions: { "1.2.3": version } };
      response.setHeader("content-type", "application/json").end(JSON.stringify(body));
    } else if (request.url === "/file.tgz") response.end(tarball);
    else response.writeHead(404, { "content-type": "application/json" }).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  process.env.npm_config_registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(async () => {
  if (registry === undefined) delete process.env.npm_config_registry;
  else process.env.npm_config_registry = registry;
  server.close();
  for (const folder of [work, ...made]) await rm(folder, { recursive: true, force: true });
});

describe("fetching a package", () => {
  it("unpacks it once, and then finds it", async () => {
    const sha256 = createHash("sha256").update(tarball).digest("hex");
    const folder = await fetchPackage(`${NAME}@1.2.3`, sha256);
    made.push(folder);
    expect(await readFile(join(folder, "data.txt"), "utf8")).toBe("some data");
    const before = requests;
    expect(await fetchPackage(`${NAME}@1.2.3`, sha256)).toBe(folder);
    expect(requests).toBe(before);
  });

  it("refuses another file than expected", async () => {
    await expect(fetchPackage(`${NAME}@1.2.3`, "0".repeat(64))).rejects.toMatchObject({
      code: "download",
      message: expect.stringContaining(`not ${"0".repeat(64)}`),
    });
  });

  it("says which package is not there", async () => {
    await expect(fetchPackage(`${NAME}-absent@1.0.0`, "0".repeat(64))).rejects.toMatchObject({
      code: "download",
      message: expect.stringContaining(`could not pack ${NAME}-absent@1.0.0`),
    });
  });

  it.each([NAME, `${NAME}@^1.0.0`, `${NAME}@latest`, "../x@1.0.0", "x@1.0.0 --foo"])(
    "takes only exact versions, not %s",
    async (spec) => {
      await expect(fetchPackage(spec, "")).rejects.toMatchObject({ code: "usage" });
    },
  );
});
