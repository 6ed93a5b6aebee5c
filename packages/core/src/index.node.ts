/** The package's entry in Node. */
export * from "./export/fit-report.node.js";
export * from "./fit/fit-models.node.js";
export * from "./image/decode.node.js";
export * from "./image/encode.node.js";
export * from "./image/write-folder.node.js";
export * from "./index.js";
export * from "./models/compact/compact-file.node.js";
export * from "./models/readers/ict-facekit.node.js";
export * from "./models/readers/open-model.node.js";
export * from "./models/readers/surrey.node.js";
export * from "./models/store/download.node.js";
export * from "./models/store/download-model.node.js";
export * from "./models/store/store.node.js";
export * from "./models/uv/uv-frame.node.js";
export * from "./networks/faces.node.js";
export * from "./networks/recognition.node.js";
export * from "./texture/texture-generator.node.js";
