/** ganfit's own file format for shape models: see docs/compact-format.md. */
export {
  type CompactReadOptions,
  type CompactSummary,
  inspectCompactModel,
  isCompactModel,
  readCompactModel,
} from "./compact-reader.js";
export { writeCompactModel } from "./compact-writer.js";
