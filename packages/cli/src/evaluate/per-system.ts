import { InvalidArgumentError } from "commander";

/** Collects `system=value` by system, and a value for all others under the empty name. */
export function parsePerSystem(
  text: string,
  before: ReadonlyMap<string, string> = new Map(),
): Map<string, string> {
  const at = text.indexOf("=");
  const name = at < 0 ? "" : text.slice(0, at);
  const value = text.slice(at + 1);
  if (value === "") throw new InvalidArgumentError("It must be a value, or system=value.");
  if (before.has(name)) {
    throw new InvalidArgumentError(
      `It is given twice ${name ? `for ${name}` : "for all systems"}.`,
    );
  }
  return new Map([...before, [name, value]]);
}
