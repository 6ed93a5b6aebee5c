export * from "./errors.js";
export type * from "./image/image.js";
export type * from "./models/morphable-model.js";
