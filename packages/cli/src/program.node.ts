import { Command } from "commander";
import { ablateCommand } from "./commands/ablate.node.js";
import { completionCommand } from "./commands/completion.node.js";
import { datasetCommand } from "./commands/dataset.node.js";
import { evaluateCommand } from "./commands/evaluate.node.js";
import { fitCommand } from "./commands/fit.node.js";
import { inspectCommand } from "./commands/inspect.node.js";
import { modelsCommand } from "./commands/models.node.js";
import { renderCommand } from "./commands/render.node.js";
import { sampleCommand } from "./commands/sample.node.js";
import { trainCommand } from "./commands/train.node.js";
import { EXIT_CODES_HELP } from "./exit-codes.js";
import { ganfitVersion } from "./version.node.js";

/**
 * @param signal aborts the command that is running
 */
export function createProgram(signal: AbortSignal): Command {
  const program = new Command("ganfit")
    .description("One photograph of a face in, a textured 3D head out.")
    .version(ganfitVersion())
    .showHelpAfterError("(ganfit --help lists the commands and options)")
    .addHelpText("after", EXIT_CODES_HELP);
  for (const command of [
    fitCommand(signal),
    renderCommand(signal),
    ablateCommand(signal),
    sampleCommand(signal),
    inspectCommand(signal),
    modelsCommand(signal),
    datasetCommand(signal),
    trainCommand(signal),
    evaluateCommand(signal),
    completionCommand(() => program),
  ])
    program.addCommand(command);
  for (const command of every(program)) command.exitOverride();
  return program;
}

function every(command: Command): Command[] {
  return [command, ...command.commands.flatMap(every)];
}
