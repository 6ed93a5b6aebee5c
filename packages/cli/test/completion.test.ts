import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ganfit, temporaryFolder } from "./run.js";

const folder = temporaryFolder();

/** What a shell offers after a line, sorted. */
type Complete = (words: readonly string[]) => string[];

async function script(shell: string): Promise<string> {
  const { code, stdout } = await ganfit(["completion", shell]);
  expect(code).toBe(0);
  const path = join(folder, `ganfit.${shell}`);
  writeFileSync(path, stdout);
  return path;
}

function has(shell: string): boolean {
  try {
    execFileSync(shell, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Calls the function that the script registers, as bash does. */
function inBash(path: string): Complete {
  return (words) => {
    const line = ["ganfit", ...words].map((word) => `'${word}'`).join(" ");
    const ask = `source '${path}'; COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _ganfit; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return lines(execFileSync("bash", ["-c", ask], { cwd: folder, encoding: "utf8" }));
  };
}

function lines(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .sort();
}

it.skipIf(!has("bash"))("completes in bash", async () => {
  const complete = inBash(await script("bash"));
  writeFileSync(join(folder, "my photo.jpg"), "");
  expect(complete([""])).toEqual([
    "ablate",
    "completion",
    "dataset",
    "evaluate",
    "fit",
    "inspect",
    "models",
    "render",
    "sample",
    "train",
  ]);
  expect(complete(["f"])).toEqual(["fit"]);
  expect(complete(["models", ""])).toEqual(["add", "info", "list"]);
  expect(complete(["fit", "--no-"])).toEqual([
    "--no-glb",
    "--no-obj",
    "--no-overlay",
    "--no-sheet",
  ]);
  expect(complete(["fit", "a.jpg", "--texture-size", ""])).toEqual(["1024", "2048", "512"]);
  expect(complete(["fit", "--device", "w"])).toEqual(["wasm", "webgpu"]);
  expect(complete(["completion", ""])).toEqual(["bash", "fish", "zsh"]);
  expect(complete(["models", "add", "--f"])).toEqual(["--force", "--from"]);
  expect(complete(["fit", "my"])).toEqual(["my photo.jpg"]);
  expect(complete(["fit", "--model", "my"])).toEqual(["my photo.jpg"]);
  expect(complete(["fit", "models", "--te"])).toEqual(["--texture", "--texture-size"]);
});

it.skipIf(!has("fish"))("completes in fish", async () => {
  const path = await script("fish");
  const complete = (line: string) => {
    const ask = `source '${path}'; complete -C '${line}'`;
    const offered = execFileSync("fish", ["-c", ask], { cwd: folder, encoding: "utf8" });
    return lines(offered).map((entry) => entry.split("\t")[0]!);
  };
  expect(complete("ganfit ")).toEqual([
    "ablate",
    "completion",
    "dataset",
    "evaluate",
    "fit",
    "inspect",
    "models",
    "render",
    "sample",
    "train",
  ]);
  expect(complete("ganfit models ")).toEqual(["add", "info", "list"]);
  expect(complete("ganfit fit --device w")).toEqual(["wasm", "webgpu"]);
  expect(complete("ganfit fit --texture-s")).toEqual(["--texture-size"]);
});

it.skipIf(!has("zsh"))("is a script that zsh takes", async () => {
  const path = await script("zsh");
  const ask = `autoload -U compinit && compinit -u -D; source '${path}'; whence _ganfit; print \${_comps[ganfit]}`;
  const told = execFileSync("zsh", ["-f", "-c", ask], { encoding: "utf8" });
  expect(told).toMatch(/_ganfit/);
});

it("knows no other shell", async () => {
  const { code, stderr } = await ganfit(["completion", "tcsh"]);
  expect([code, stderr]).toEqual([2, expect.stringMatching(/bash, zsh, fish/)]);
});
