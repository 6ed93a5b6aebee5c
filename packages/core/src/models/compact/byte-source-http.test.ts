import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { sampleModel } from "../../../test/sample-model.js";
import { httpSource } from "./byte-source-http.js";
import { readCompactModel, writeCompactModel } from "./compact.js";

const file = writeCompactModel(sampleModel({ rows: 60, columns: 60, identityModes: 20 }));

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** As a static file server does. */
const ranges: Answer = (request, response) => {
  const match = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
  if (!match) {
    response.end(file);
    return;
  }
  const first = Number(match[1]);
  const last = Math.min(Number(match[2]), file.length - 1);
  response.writeHead(206, {
    "Content-Range": `bytes ${first}-${last}/${file.length}`,
    ETag: '"1"',
  });
  const body = file.subarray(first, last + 1);
  sent += body.length;
  response.end(body);
};

let answer: Answer = ranges;
let sent = 0;
const server = createServer((request, response) => answer(request, response));
let url = "";

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.gfm`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  answer = ranges;
  sent = 0;
});

const read = async () => readCompactModel(await httpSource(url));

test("reads a model in parts, and the first modes for fewer bytes", async () => {
  expect(Buffer.compare(writeCompactModel(await read()), file)).toBe(0);
  sent = 0;
  const few = await readCompactModel(await httpSource(url), { identityModes: 2 });
  expect(few.identity.names).toEqual(["shape0", "shape1"]);
  expect(sent).toBeLessThan(file.length / 2);
});

test("takes everything from a server that knows no ranges", async () => {
  answer = (_, response) => response.end(file);
  expect((await read()).name).toBe("sample");
  await expect(httpSource(url, { maxBytes: 1000 })).rejects.toThrow(/more than 1000 bytes/);
});

test.each<[string, Answer, RegExp]>([
  ["404", (_, r) => r.writeHead(404).end(), /answers 404/],
  ["no size", (_, r) => r.writeHead(206).end(file), /how large/],
  [
    "a lie about the size of the first part",
    (_, r) => r.writeHead(206, { "Content-Range": `bytes 0-9/${file.length}` }).end("0123456789"),
    /sent 10 bytes of/,
  ],
  [
    "a connection that breaks",
    (_, r) => {
      r.writeHead(206, {
        "Content-Range": `bytes 0-65535/${file.length}`,
        "Content-Length": 65536,
      });
      r.write(file.subarray(0, 100));
      setTimeout(() => r.destroy(), 20);
    },
    /stopped sending/,
  ],
  ["an empty file", (_, r) => r.writeHead(416).end(), /too short/],
  [
    "another range than was asked for",
    (request, r) =>
      /=0-/.test(request.headers.range!) ? ranges(request, r) : r.writeHead(200).end(file),
    /answers 200/,
  ],
  [
    "a file that changes",
    (request, r) => {
      const changed = /=0-/.test(request.headers.range!) ? r : changeTag(r);
      ranges(request, changed);
    },
    /changed while/,
  ],
])("%s is an error", async (_, behaviour, message) => {
  answer = behaviour;
  await expect(read()).rejects.toThrow(message);
});

function changeTag(response: ServerResponse): ServerResponse {
  const writeHead = response.writeHead.bind(response);
  response.writeHead = ((status: number, headers: Record<string, string>) =>
    writeHead(status, { ...headers, ETag: '"2"' })) as typeof response.writeHead;
  return response;
}

test("nobody there, and a cancelled request", async () => {
  await expect(httpSource("http://127.0.0.1:9/x")).rejects.toMatchObject({ code: "download" });
  await expect(httpSource(url, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: "cancelled",
  });
});
