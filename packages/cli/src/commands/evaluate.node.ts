/**
 * `ganfit evaluate`: the benchmarks of face reconstruction. Its package is loaded by what runs, not by every command that
 * starts.
 */
import { Command } from "commander";
import { lfwCommand } from "../evaluate/lfw.node.js";
import { meshesCommand } from "../evaluate/meshes.node.js";
import { miccCommand } from "../evaluate/micc.node.js";
import { nowCommand } from "../evaluate/now.node.js";
import { photosCommand } from "../evaluate/photos.node.js";
import { predictCommand } from "../evaluate/predict.node.js";
import { realyCommand } from "../evaluate/realy.node.js";
import { standInCommand } from "../evaluate/stand-in.node.js";

export function evaluateCommand(signal: AbortSignal): Command {
  const evaluate = new Command("evaluate")
    .description("measures heads by the benchmarks of face reconstruction")
    .addHelpText("after", HELP);
  for (const make of [
    miccCommand,
    realyCommand,
    nowCommand,
    lfwCommand,
    photosCommand,
    meshesCommand,
    predictCommand,
    standInCommand,
  ])
    evaluate.addCommand(make(signal));
  return evaluate;
}

const HELP = `
The data of MICC, REALY, NoW and LFW is handed out by their makers: docs/benchmarks.md says how to get it. To try
without it, make a stand-in of random heads in the same layout.

A report is a folder: report.html to look at, report.md, report.json, report.csv (subjects), summary.csv (tables),
charts as SVG and PNG, pictures of the errors. What has been scored is kept in work/, so that an interrupted run goes
on where it was, and another system costs only its own time.

Examples:
  ganfit evaluate stand-in realy --out standin --subjects 2
  ganfit evaluate realy standin --topology GANFIT --system standin/systems/mean-face --out report
  ganfit evaluate predict realy REALY_image/frontal --out heads
  ganfit evaluate realy data --topology heads/topology/GANFIT --system ganfit=heads --out report
  ganfit evaluate meshes scans --landmarks 68 --system ours=a --system theirs=b --out report
  ganfit evaluate photos family --judge judge.json --out report

Exit codes: 0 done, 2 an option makes no sense, 6 network, 7 the report cannot be written, 9 some subjects could not
be scored (the report tells which), 11 data is missing or wrong, so that nothing could, 130 interrupted.`;
