/** The package on WebGPU in a web page: Chromium with its software adapter. */
import { expect, test } from "vitest";
import { bundle, executablePath, launch, serve, TestPage, urlOf } from "./browser.js";
import { expectAgreement } from "./compare.js";
import { deviceCase } from "./graph.js";
import { runOn } from "./run.js";

const ADAPTER = "navigator.gpu?.requestAdapter().then((adapter) => adapter !== null)";
/** Shows that the page computes on WebGPU and not on wasm, to which it too may fall back. */
const COUNT_DISPATCHES = `
  globalThis.dispatches = 0;
  const { dispatchWorkgroups } = GPUComputePassEncoder.prototype;
  GPUComputePassEncoder.prototype.dispatchWorkgroups = function (...counts) {
    globalThis.dispatches++;
    return dispatchWorkgroups.apply(this, counts);
  };
`;

const skipped = !executablePath && !process.env.CI;
if (skipped) console.log("No Chromium is installed: WebGPU is not tested in a browser.");

test.skipIf(skipped)("webgpu in Chromium agrees with cpu", async (context) => {
  const server = await serve({ page: await bundle(true) });
  const browser = await launch([
    "--enable-unsafe-webgpu",
    "--use-webgpu-adapter=swiftshader",
    "--enable-features=Vulkan",
  ]);
  try {
    const opened = await TestPage.open(browser, `${urlOf(server)}page/`);
    const { page, problems } = opened;
    if (!(await page.evaluate(ADAPTER))) context.skip("this Chromium has no software WebGPU");
    await page.evaluate(COUNT_DISPATCHES);
    const results = await opened.runGraph({ device: "webgpu" });
    expectAgreement(results, await runOn("cpu", deviceCase()));
    expect(await page.evaluate("dispatches")).toBeGreaterThan(300);
    expect(problems).toEqual([]);
  } finally {
    await browser.close();
    server.close();
  }
});
