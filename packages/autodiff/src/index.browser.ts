/** The package's entry in browsers and their bundlers. */
export * from "./index.js";
export { compile } from "./runtime/compile.browser.js";
