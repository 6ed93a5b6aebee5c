import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const ASSETS = "packages/core/assets";
const files = readdirSync(join(ROOT, ASSETS), { recursive: true, encoding: "utf8" })
  .map((name) => join(ASSETS, name))
  .filter((name) => statSync(join(ROOT, name)).isFile());

it.each(files)("NOTICE names %s with its hash", (file) => {
  const notice = readFileSync(join(ROOT, "NOTICE"), "utf8");
  const entry = notice.split(/\n(?=\S)/).find((text) => text.startsWith(`${file}\n`));
  const hash = createHash("sha256")
    .update(readFileSync(join(ROOT, file)))
    .digest("hex");
  expect(entry).toContain(`SHA-256:  ${hash}`);
});
