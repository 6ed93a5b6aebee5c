"""Trains the texture generator as `ganfit train texture` does, in PyTorch:

    python3 tools/torch/train_texture.py --data DATASET --out FOLDER --images N
    torchrun --nproc_per_node 8 tools/torch/train_texture.py --data DATASET --out FOLDER --images N --resume

FOLDER gets checkpoint.safetensors, with which either goes on, and log.jsonl. README.md tells more.
"""

import argparse
import json
import math
import os
import time

import torch
import torch.distributed as dist

from checkpoint import PROGRESSIVE_RECIPE, read_checkpoint, write_checkpoint
from dataset import Dataset
from networks import sizes_to
from trainer import Trainer
from usage_error import UsageError, told

LATENT_SIZE = 512


def arguments():
    parser = argparse.ArgumentParser(description="Trains the texture generator in PyTorch.")
    parser.add_argument("--data", required=True, metavar="FOLDER", help="what `ganfit dataset build` made")
    parser.add_argument("-o", "--out", required=True, metavar="FOLDER", help="gets checkpoint.safetensors")
    parser.add_argument("--images", type=_natural, default=100_000, help="maps to show, earlier ones included; 100000")
    parser.add_argument("--resolution", type=_natural, help="texels a side at the end, a power of two; 512")
    parser.add_argument("--width", type=float, help="share of the paper's features; 0.25")
    parser.add_argument("--latent", choices=["dense", "local"], help="how the latent enters; dense")
    parser.add_argument("--seed", type=int, help="of weights, latents and the order of maps; 0")
    parser.add_argument("--batch", type=_natural, help="maps of a step, of all processes together; by resolution")
    parser.add_argument("--phase", type=_natural, help="maps while a resolution fades in, and as long then; 800000")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in --out")
    parser.add_argument("--every", type=_natural, default=1000, help="maps between checkpoints; 1000")
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    parser.add_argument("--threads", type=_natural, help="of the processor, for each process")
    return parser.parse_args()


def _natural(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return value


def begun(options, dataset):
    """The configuration of a training that begins."""
    resolution = options.resolution or 512
    width = 0.25 if options.width is None else options.width
    if resolution < 4 or resolution & (resolution - 1) != 0:
        raise UsageError(f"--resolution {resolution} is no power of two from 4.")
    if not 0 < width < math.inf:
        raise UsageError(f"--width {width} is not above 0.")
    recipe = dict(PROGRESSIVE_RECIPE)
    if options.batch:
        recipe["batch"] = {str(size): options.batch for size in sizes_to(resolution)}
    if options.phase:
        recipe["phase"] = options.phase
    return {
        "architecture": "progressive",
        "resolution": resolution,
        "width": width,
        "latent": options.latent or "dense",
        "latentSize": LATENT_SIZE,
        "seed": options.seed or 0,
        "dataset": dataset.sha256,
        "recipe": recipe,
    }


def resumed(options, dataset, path):
    """The configuration and the State in a checkpoint, with which what is asked for must agree."""
    if not os.path.exists(path):
        raise UsageError(f"--resume: there is no {path}.")
    configuration, state = read_checkpoint(path)
    if configuration["dataset"] != dataset.sha256:
        raise UsageError(f"{path} was trained on another dataset than {options.data}.")
    recipe = configuration["recipe"]
    for name in ("resolution", "width", "latent", "seed", "phase"):
        asked, is_now = getattr(options, name), recipe["phase"] if name == "phase" else configuration[name]
        if asked is not None and asked != is_now:
            raise UsageError(f"{path} was trained with --{name} {is_now}, not {asked}.")
    if options.batch and any(count != options.batch for count in recipe["batch"].values()):
        raise UsageError(f"{path} was trained with other batches than --batch {options.batch}.")
    return configuration, state


def device_of(wanted):
    """Joins the other processes that torchrun has started, if any."""
    cuda = wanted == "cuda" or (wanted == "auto" and torch.cuda.is_available())
    if cuda and not torch.cuda.is_available():
        raise UsageError("--device cuda: PyTorch finds no CUDA device here.")
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        dist.init_process_group("nccl" if cuda else "gloo")
    if not cuda:
        return torch.device("cpu")
    device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
    torch.cuda.set_device(device)
    return device


def main():
    options = arguments()
    if options.threads:
        torch.set_num_threads(options.threads)
    device = device_of(options.device)
    dataset = Dataset(options.data)
    path = os.path.join(options.out, "checkpoint.safetensors")
    if options.resume:
        configuration, state = resumed(options, dataset, path)
    else:
        if os.path.exists(path):
            raise UsageError(f"{path} is there already: --resume goes on with it.")
        configuration, state = begun(options, dataset), None
    if configuration["resolution"] > dataset.size:
        raise UsageError(
            f"{options.data} holds maps of {dataset.size} texels a side, too few for {configuration['resolution']}."
        )
    trainer = Trainer(configuration, dataset.source, device)
    if state:
        trainer.restore(state)
    if trainer.rank == 0:
        os.makedirs(options.out, exist_ok=True)
    train(trainer, configuration, options, path)
    if dist.is_initialized():
        dist.destroy_process_group()


def train(trainer, configuration, options, path):
    """Every so many images and at the end a line of log.jsonl, which is also printed, and a checkpoint."""
    log = os.path.join(options.out, "log.jsonl")
    if trainer.rank == 0:
        trim_log(log, trainer.images)
    losses, started, since = {}, time.monotonic(), trainer.images
    while trainer.images < options.images:
        before, fade = trainer.images // options.every, trainer.next_phase()[1]
        for name, value in trainer.step().items():
            losses.setdefault(name, []).append(value)
        if trainer.images // options.every == before and trainer.images < options.images:
            continue
        means = averaged(losses)
        if not all(map(math.isfinite, means.values())):
            raise UsageError(f"The losses are not finite before {trainer.images} images: {means}.")
        if trainer.rank == 0:
            line = {"images": trainer.images, "step": trainer.step_count, "size": trainer.size, "fade": fade, **means}
            append(log, json.dumps(line))
            speed = (trainer.images - since) / (time.monotonic() - started)
            print(json.dumps({**line, "imagesPerSecond": round(speed, 2)}), flush=True)
            # Last, so that it stands for what came before it.
            write_checkpoint(path, configuration, trainer.state())
        losses, started, since = {}, time.monotonic(), trainer.images


def averaged(losses):
    """Over steps and processes, as numbers."""
    values = torch.stack([torch.stack(steps).mean() for steps in losses.values()])
    if dist.is_initialized():
        dist.all_reduce(values)
        values /= dist.get_world_size()
    return dict(zip(losses, values.tolist()))


def append(path, line):
    try:
        with open(path, "a", encoding="utf-8") as file:
            file.write(line + "\n")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error}.") from error


def trim_log(path, images):
    """Takes out what a run wrote after its last checkpoint and before it was cut off."""
    if not os.path.exists(path):
        return
    with open(path, encoding="utf-8") as file:
        lines = [line for line in file if line.strip()]
    kept = [line for line in lines if json.loads(line)["images"] <= images]
    if len(kept) < len(lines):
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(kept)


told(main)
