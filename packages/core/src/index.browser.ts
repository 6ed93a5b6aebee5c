/** The package's entry in a page. */
export * from "./image/decode.browser.js";
export * from "./index.js";
export * from "./models/uv/uv-frame.browser.js";
export * from "./networks/faces.browser.js";
export * from "./networks/recognition.browser.js";
export * from "./texture/texture-generator.browser.js";
