/** `ganfit completion`: what makes Tab work in a shell. */
import { Argument, Command } from "commander";
import { completionScript, SHELLS, type Shell } from "../completion.js";

/** @param program called when the script is made, so that it lists every command */
export function completionCommand(program: () => Command): Command {
  return new Command("completion")
    .description("prints a script that makes Tab complete commands, options and choices")
    .addArgument(new Argument("<shell>", "which shell").choices(SHELLS))
    .addHelpText(
      "after",
      `
bash:  echo 'source <(ganfit completion bash)' >> ~/.bashrc
zsh:   echo 'source <(ganfit completion zsh)' >> ~/.zshrc    (after compinit)
fish:  ganfit completion fish > ~/.config/fish/completions/ganfit.fish`,
    )
    .action((shell: Shell) => {
      process.stdout.write(completionScript(program(), shell));
    });
}
