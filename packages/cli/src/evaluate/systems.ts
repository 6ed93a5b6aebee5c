/** `--system`, which every benchmark of meshes has. */

import { basename, resolve } from "node:path";
import type { SystemFolder } from "@ganfit/evaluate";
import { type Command, InvalidArgumentError } from "commander";

/** Parses `name=folder`, or a folder that gives its name. */
export function parseSystem(text: string, before: readonly SystemFolder[] = []): SystemFolder[] {
  const at = text.indexOf("=");
  const folder = at < 0 ? text : text.slice(at + 1);
  const name = at < 0 ? basename(resolve(folder)) : text.slice(0, at);
  if (name === "" || folder === "") {
    throw new InvalidArgumentError("It must be a folder, or a name and a folder: name=folder.");
  }
  if (before.some((system) => system.name === name)) {
    throw new InvalidArgumentError(`There are two systems ${name}: name them apart, name=folder.`);
  }
  return [...before, { name, folder }];
}

/** Adds `--system`, at least one of which must be given. */
export function withSystems(command: Command): Command {
  return command.requiredOption(
    "--system <name=folder>",
    "a system's reconstructions; once for each system that is compared",
    parseSystem,
  );
}
