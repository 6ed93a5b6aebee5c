/** Fetching the package's own files in a web page. */
import { GanfitError } from "../errors.js";

/** @throws GanfitError `download` when the server does not give the file. */
export async function readAsset(url: URL): Promise<Uint8Array> {
  const problem = (reason: string, cause?: unknown) =>
    new GanfitError(
      "download",
      `${url.href} could not be fetched (${reason}): serve ganfit's assets there, or pass their bytes.`,
      { cause },
    );
  let response: Response;
  try {
    response = await fetch(url);
  } catch (error) {
    throw problem(error instanceof Error ? error.message : String(error), error);
  }
  if (!response.ok) throw problem(`status ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
