// Completion scripts for shells, generated from the program: its commands, options and their choices. They
// are static, so that a press of Tab does not start Node. (@bomb.sh/tab does it the other way, in its
// 0.0 versions so far.) Zsh runs bash's script, by its own bashcompinit.

import type { Command, Option } from "commander";

export const SHELLS = ["bash", "zsh", "fish"] as const;

export type Shell = (typeof SHELLS)[number];

/** A command and how it is reached, such as `models add`. */
interface Entry {
  readonly path: readonly string[];
  readonly command: Command;
}

/** The script to be sourced, or put where the shell looks for completions. */
export function completionScript(program: Command, shell: Shell): string {
  if (shell === "fish") return fish(program);
  const script = bash(program);
  if (shell === "bash") return script;
  return `#compdef ${program.name()}\nautoload -U +X bashcompinit && bashcompinit\n${script}`;
}

function entriesOf(command: Command, path: readonly string[] = []): Entry[] {
  return [
    { path, command },
    ...command.commands.flatMap((child) => entriesOf(child, [...path, child.name()])),
  ];
}

/** With `--help`, which commander keeps apart. */
function optionsOf(command: Command): readonly Option[] {
  return command.createHelp().visibleOptions(command);
}

function flagsOf(options: readonly Option[]): string[] {
  return options.flatMap(({ long, short }) => [long, short].filter((flag) => flag !== undefined));
}

/** What stands after the command: its own commands, or the words that its arguments may be. */
function wordsOf(command: Command): string[] {
  const choices = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
  return [...command.commands.map((child) => child.name()), ...choices];
}

/** Whether an argument can be the name of a file: those without choices may. */
function takesFiles(command: Command): boolean {
  return command.registeredArguments.some(({ argChoices }) => argChoices === undefined);
}

function functionName(program: Command): string {
  return `_${program.name().replace(/\W/g, "_")}`;
}

function bash(program: Command): string {
  const name = functionName(program);
  const lines = [
    `# Completion of ${program.name()}: source this file, or the output of \`${program.name()} completion\`.`,
    `${name}() {`,
    `  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" path="" i words="" files=""`,
    // The command so far: words that name one below the one before.
    "  for ((i = 1; i < COMP_CWORD; i++)); do",
    `    case "$path \${COMP_WORDS[i]}" in`,
    ...entriesOf(program)
      .filter(({ path }) => path.length > 0)
      .map(
        ({ path }) =>
          `      ${quoted(` ${path.join(" ")}`)}) path=${quoted(` ${path.join(" ")}`)} ;;`,
      ),
    "    esac",
    "  done",
    '  case "$path" in',
    ...entriesOf(program).flatMap(bashCase),
    "  esac",
    '  if [ -n "$files" ]; then',
    "    local IFS=$'\\n'",
    '    COMPREPLY=($(compgen -f -- "$word"))',
    "  else",
    '    COMPREPLY=($(compgen -W "$words" -- "$word"))',
    "  fi",
    "}",
    `complete -o filenames -F ${name} ${program.name()}`,
  ];
  return `${lines.join("\n")}\n`;
}

function bashCase({ path, command }: Entry): string[] {
  const options = optionsOf(command);
  const valued = options.filter(({ required, optional }) => required || optional);
  const files = takesFiles(command);
  return [
    `    ${quoted(path.map((part) => ` ${part}`).join(""))})`,
    '      case "$before" in',
    ...valued.map((option) => {
      const given = option.argChoices ? `words=${quoted(option.argChoices.join(" "))}` : "files=1";
      return `        ${flagsOf([option]).join("|")}) ${given} ;;`;
    }),
    `        *) case "$word" in`,
    `          -*) words=${quoted(flagsOf(options).join(" "))} ;;`,
    `          *) ${files ? "files=1" : `words=${quoted(wordsOf(command).join(" "))}`} ;;`,
    "        esac ;;",
    "      esac ;;",
  ];
}

function fish(program: Command): string {
  const name = program.name();
  const lines = [
    `# Completion of ${name}: ${name} completion fish | source`,
    `complete -c ${name} -f`,
  ];
  for (const { path, command } of entriesOf(program)) {
    const below = command.commands.map((child) => child.name()).join(" ");
    const reached = path.map((part) => `__fish_seen_subcommand_from ${part}`);
    const here = below ? [...reached, `not __fish_seen_subcommand_from ${below}`] : reached;
    const start = `complete -c ${name} -n ${quoted(here.join("; and ") || "true")}`;
    for (const child of command.commands) {
      lines.push(`${start} -a ${child.name()} -d ${quoted(child.description())}`);
    }
    for (const { argChoices } of command.registeredArguments) {
      if (argChoices) lines.push(`${start} -a ${quoted(argChoices.join(" "))}`);
    }
    if (takesFiles(command)) lines.push(`${start} -F`);
    for (const option of optionsOf(command)) lines.push(`${start}${fishOption(option)}`);
  }
  return `${lines.join("\n")}\n`;
}

function fishOption({ long, short, required, optional, argChoices, description }: Option): string {
  const value = required || optional;
  return [
    short ? ` -s ${short.slice(1)}` : "",
    long ? ` -l ${long.slice(2)}` : "",
    value ? (argChoices ? ` -x -a ${quoted(argChoices.join(" "))}` : " -r -F") : "",
    ` -d ${quoted(description)}`,
  ].join("");
}

/** As one word of bash, zsh and fish. */
function quoted(text: string): string {
  return `'${text.replaceAll("\\", "").replaceAll("'", "’")}'`;
}
