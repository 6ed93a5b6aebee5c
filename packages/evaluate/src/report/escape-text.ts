import { escape as escapeMarkup } from "html-escaper";

/** What XML 1.0 forbids or advises against (section 2.2): control characters, halves of surrogate pairs. */
const FORBIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/**
 * What turns the direction of writing of all that follows. A name may use it to look like another one, and
 * to shuffle the rest of its line (Boucher and Anderson 2021, "Trojan Source").
 */
const TURNING = /[\u202a-\u202e\u2066-\u2069]/g;

/**
 * Text for the content or a quoted attribute of HTML and XML, whatever a file's name holds.
 * Characters that neither may hold, and those that turn the direction of writing, become U+FFFD.
 */
export function escapeText(text: string): string {
  return escapeMarkup(plainText(text));
}

/** The same without escapes. */
export function plainText(text: string): string {
  return text.replace(FORBIDDEN, "\ufffd").replace(TURNING, "\ufffd");
}
