import { readFileSync } from "node:fs";
import { Command } from "commander";
import { inspectCommand } from "./commands/inspect.node.js";
import { modelsCommand } from "./commands/models.node.js";
import { EXIT_CODES_HELP } from "./exit-codes.js";

/**
 * @param signal aborts the command that is running
 */
export function createProgram(signal: AbortSignal): Command {
  const { version } = JSON.parse(
    readFileSync(new URL("../package.json", import.meta.url), "utf8"),
  ) as { version: string };
  const program = new Command("ganfit")
    .description("One photograph of a face in, a textured 3D head out.")
    .version(version)
    .showHelpAfterError("(ganfit --help lists the commands and options)")
    .addHelpText("after", EXIT_CODES_HELP);
  for (const command of [inspectCommand(signal), modelsCommand(signal)])
    program.addCommand(command);
  for (const command of every(program)) command.exitOverride();
  return program;
}

function every(command: Command): Command[] {
  return [command, ...command.commands.flatMap(every)];
}
