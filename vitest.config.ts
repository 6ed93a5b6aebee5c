import { configDefaults, defineConfig } from "vitest/config";

const SLOW = "**/*.slow.test.ts";

export default defineConfig({
  test: {
    // ONNX Runtime and the browser bring threads of their own.
    maxWorkers: 2,
    reporters: ["default", "./tools/summary-reporter.ts"],
    projects: [
      {
        extends: true,
        test: {
          name: "fast",
          include: ["packages/*/{src,test,bench}/**/*.test.ts", "tools/**/*.test.ts"],
          exclude: [...configDefaults.exclude, SLOW],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: "slow",
          include: [SLOW],
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
