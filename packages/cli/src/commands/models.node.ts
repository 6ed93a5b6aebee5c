/** `ganfit models`: the shape models that can be fitted, and adding others. */
import {
  addModel,
  CATALOGUE,
  type CompactSummary,
  catalogueEntry,
  completeModel,
  describeModel,
  downloadModel,
  encodePng,
  GanfitError,
  listModels,
  loadFaceNetworks,
  loadModel,
  loadUvFrame,
  type ModelDescription,
  type MorphableModel,
  openModel,
  preview,
  requireFreeName,
  type StoredModel,
  writeWhole,
} from "@ganfit/core";
import { Command } from "commander";
import { printJson, printTable } from "../print.node.js";
import { createProgress } from "../progress.node.js";

export function modelsCommand(signal: AbortSignal): Command {
  const models = new Command("models").description("lists, describes and adds shape models");

  models
    .command("list")
    .description("the embedded head and the models that were added")
    .option("--json", "print JSON")
    .action(async ({ json }: { json?: boolean }) => {
      const known = await listModels();
      if (json) printJson(known.map(listed));
      else printTable(["NAME", "VERTICES", "IDENTITY", "EXPRESSIONS", "LICENCE"], known.map(row));
    });

  models
    .command("info")
    .description("what a model holds: sizes, parts, modes, landmarks, licence")
    .argument("<name>", "name of a model, or a file or folder in any format that `add` takes")
    .option("--json", "print JSON")
    .option("--preview <file.png>", "also write a picture of the mean head")
    .action(async (name: string, options: { json?: boolean; preview?: string }) => {
      const model = await loadModel(name);
      if (options.preview) await writePreview(options.preview, model);
      const description = describeModel(model);
      if (options.json) printJson(description);
      else printDescription(description);
    });

  models
    .command("add")
    .description("converts a model and keeps it, ready to be fitted, under a name")
    .argument("<name>", "name to keep it under")
    .option("--from <path>", "the model's file or folder; without it the model is fetched")
    .option("--url <address>", "fetch from this mirror instead of the model's public repository")
    .option("--force", "replace a model of that name")
    .addHelpText("after", addHelp())
    .action(async (name: string, options: { from?: string; url?: string; force?: boolean }) => {
      if (options.from !== undefined && options.url !== undefined) {
        throw new GanfitError("usage", "--from and --url exclude each other: give one of them.");
      }
      const path = await add(name, options, signal);
      process.stderr.write(`ganfit: ${name} is kept in ${path}\n`);
    });

  return models;
}

function addHelp(): string {
  const fetched = CATALOGUE.map(({ name, title, licence }) => `  ${name}: ${title} (${licence})`);
  return `
Files that can be read: the folder of ICT-FaceKit; Basel Face Model 2009 (.mat), 2017 and 2019 (.h5);
FLAME (.npz, .pkl); LSFM (.mat); eos models such as the Surrey Face Model (.bin or its folder); and
ganfit's own (.gfm). Landmarks and texture coordinates are found where a model has none.

Models that can be fetched:
${fetched.join("\n")}`;
}

async function add(
  name: string,
  options: { from?: string; url?: string; force?: boolean },
  signal: AbortSignal,
): Promise<string> {
  const force = options.force ?? false;
  if (options.from === undefined) catalogueEntry(name);
  await requireFreeName(name, { force });
  const progress = createProgress();
  const networks = await loadFaceNetworks();
  const frame = await loadUvFrame();
  const complete = (model: MorphableModel) => {
    progress.stage("finding landmarks and texture coordinates");
    return completeModel(model, networks, frame, { signal });
  };
  try {
    if (options.from !== undefined) {
      progress.stage(`reading ${options.from}`);
      return await addModel(name, await complete(await openModel(options.from)), { force });
    }
    return await downloadModel(name, {
      force,
      signal,
      complete,
      ...(options.url === undefined ? {} : { baseUrl: options.url }),
      onProgress: ({ bytesDone, bytesTotal }) => progress.share("fetching", bytesDone, bytesTotal),
    });
  } finally {
    progress.stop();
    await networks.dispose();
  }
}

function listed({ name, path, embedded, summary, error }: StoredModel) {
  return { name, path, embedded, error, ...(summary ? counts(summary) : {}) };
}

function counts(summary: CompactSummary) {
  return {
    vertices: summary.vertexCount,
    triangles: summary.triangleCount,
    identity: summary.identity.names.length,
    expressions: summary.expression.names.length,
    uvFrame: summary.uvFrame,
    licence: summary.licence,
    bytes: summary.bytes,
  };
}

function row({ name, summary, error }: StoredModel): string[] {
  if (!summary) return [name, "-", "-", "-", `damaged: ${error}`];
  const { vertices, identity, expressions, licence } = counts(summary);
  return [name, String(vertices), String(identity), String(expressions), licence];
}

function printDescription(description: ModelDescription): void {
  const { identity, expression } = description;
  const size = description.size.map((side) => side.toFixed(0)).join(" x ");
  const parts = description.parts.map(({ name, triangles }) => `${name} (${triangles})`);
  printTable(
    [],
    [
      ["name", description.name],
      ["licence", description.licence],
      ["attribution", description.attribution],
      ["vertices", `${description.vertices}, of them skin ${description.skinVertices}`],
      ["triangles", String(description.triangles)],
      ["size", `${size} mm`],
      ["parts", parts.join(", ")],
      ["identity", `${identity.count} modes, ${identity.prior}`],
      ["expressions", `${expression.count} modes, ${expression.prior}`],
      ["ARKit names", `${description.arkit} of 52`],
      ["landmarks", description.landmarks.join(", ") || "none"],
      ["symmetry", description.symmetry ? "known" : "unknown"],
      ["uv frame", description.uvFrame ?? "none"],
    ],
  );
}

async function writePreview(path: string, model: MorphableModel): Promise<void> {
  const image = preview(model.mean, model, { width: 512, height: 512, yaw: 25 });
  await writeWhole(path, await encodePng(image));
}
