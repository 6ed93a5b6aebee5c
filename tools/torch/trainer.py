"""Trains both players, one batch after the other, on one process or on several with DistributedDataParallel; a step is
that of packages/train/src/training/trainer.ts and training-programs.ts."""

import numpy as np
import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel

import streams
from checkpoint import State, network_options
from losses import discriminator_loss, generator_loss, slope_penalty, with_mask
from networks import discriminator, follow_loss, generator, generator_features, sizes_to, weight_specs
from usage_error import UsageError

GENERATOR = "generator/"
DISCRIMINATOR = "discriminator/"

# The training so far may count for this share of the averages' half-life.
AVERAGE_RAMP = 0.05


class Game(nn.Module):
    """
    One player's weights and its whole loss. The slope of the discriminator is differentiated within `forward`, so
    that DistributedDataParallel sees one forward and one backward pass.
    """

    def __init__(self, prefix, weights, configuration, size, mean):
        super().__init__()
        self.prefix, self.size = prefix, size
        self.options = network_options(configuration)
        self.recipe = configuration["recipe"]
        self.register_buffer("mean", mean)
        for name, value in weights.items():
            self.register_parameter(name, nn.Parameter(value))

    def own(self, name, *_):
        return self._parameters[self.prefix + name]


class GeneratorGame(Game):
    def forward(self, latent, mask, fade, critic):
        """
        :param critic: the discriminator's weights by name
        :returns: loss, and what came of it: losses, pictures by size and scores
        """
        features = generator_features(self.own, latent, self.size, self.options)
        pictures = generator(self.own, features, self.size, fade)
        shown = with_mask(pictures[self.size], mask, self.mean)
        scores = discriminator(lambda name, *_: critic[DISCRIMINATOR + name], shown, fade, self.options)
        loss = generator_loss(self.recipe["adversary"], scores)
        results = {"loss/adversary": loss, "scores/generated": scores}
        results.update({f"pictures/{size}": picture for size, picture in pictures.items()})
        loss = loss * self.recipe["losses"]["adversary"]
        return loss + follow_loss(self.own, features, pictures, fade), _detached(results)


class DiscriminatorGame(Game):
    def forward(self, real, generated, mask, share, fade, penalise):
        """:returns: loss, and what came of it: losses and scores"""
        adversary, slopes = self.recipe["adversary"], self.recipe["slopes"]

        def critic(pictures):
            return discriminator(self.own, pictures, fade, self.options)

        shown_real = with_mask(real, mask, self.mean)
        shown_made = with_mask(generated, mask, self.mean)
        scores = critic(shown_real)
        loss = discriminator_loss(adversary, scores, critic(shown_made), slopes)
        results = {"loss/discriminator": loss, "scores/real": scores}
        if penalise:
            slope = slope_penalty(adversary, critic, shown_real, shown_made, share, slopes)
            results["loss/slope"] = slope
            loss = loss + slope * self.recipe["penaltyEvery"]
        return loss, _detached(results)


def _detached(tensors):
    """So that DistributedDataParallel expects gradients of what the loss depends on alone."""
    return {name: tensor.detach() for name, tensor in tensors.items()}


def phase_at(sizes, phase, images):
    """The size that is trained after so many images, and how far it has come in."""
    size, start, fade = sizes[0], 0, 0
    for i, later in enumerate(sizes[1:], 1):
        if (2 * i - 1) * phase <= images:
            size, start, fade = later, (2 * i - 1) * phase, phase
    return size, min(1.0, (images - start) / fade) if fade > 0 else 1.0


class Trainer:
    """
    :param source: maps by size: `source(size)` has `mean` (3 x size x size) and `next(seed)`, see dataset.py
    """

    def __init__(self, configuration, source, device="cpu"):
        self.configuration, self.source, self.device = configuration, source, torch.device(device)
        self.recipe = configuration["recipe"]
        self.sizes = sizes_to(configuration["resolution"])
        self.images = self.step_count = self.size = 0
        self.weights, self.averages = {}, {}
        self.augmentation = State().augmentation
        several = dist.is_initialized()
        self.rank, self.world = (dist.get_rank(), dist.get_world_size()) if several else (0, 1)

    def restore(self, state):
        """Goes on from a State. Call before the first step."""
        self.images, self.step_count, self.augmentation = state.images, state.step, state.augmentation
        self.weights = {name: self._tensor(array) for name, array in state.weights.items()}
        self.averages = {name: self._tensor(array) for name, array in state.averages.items()}
        self._grow(state.size)
        for player, optimiser in self.optimisers.items():
            for name, parameter in self.named(player):
                moments = [state.moments.get(f"{slot}/{name}") for slot in "mv"]
                if any(array is None or array.shape != tuple(parameter.shape) for array in moments):
                    raise UsageError(f"The checkpoint has no moments of {name} of {list(parameter.shape)}.")
                first, second = map(self._tensor, moments)
                step = torch.tensor(float(state.optimiser_steps))
                optimiser.state[parameter] = {"step": step, "exp_avg": first, "exp_avg_sq": second}

    def state(self):
        """A State of copies."""
        moments, steps = {}, 0
        for slot, key in (("m", "exp_avg"), ("v", "exp_avg_sq")):
            for player, optimiser in self.optimisers.items():
                for name, parameter in self.named(player):
                    kept = optimiser.state[parameter]
                    moments[f"{slot}/{name}"] = _array(kept[key])
                    steps = int(kept["step"])
        copies = [{name: _array(value) for name, value in all.items()} for all in (self.weights, self.averages)]
        return State(self.images, self.step_count, self.size, steps, self.augmentation, *copies, moments)

    def next_phase(self):
        """Size and fade of the next step."""
        return phase_at(self.sizes, self.recipe["phase"], self.images)

    def step(self):
        """One batch of all processes together, by which both players learn. :returns: losses as tensors"""
        size, fade = self.next_phase()
        if size != self.size:
            self._grow(size)
        count = self._batch_of(size)
        penalise = self.step_count % self.recipe["penaltyEvery"] == 0
        batch = self._batch(count)
        results = self.gradients(batch, fade, penalise)
        for optimiser in self.optimisers.values():
            optimiser.step()
        self.step_count += 1
        self.images += count
        half_life = min(self.recipe["averageOver"], AVERAGE_RAMP * self.images)
        decay = 2 ** (-count / half_life)
        with torch.no_grad():
            for name, parameter in self.named(GENERATOR):
                torch.lerp(parameter, self.averages[name], decay, out=self.averages[name])
        return {name[len("loss/") :]: value for name, value in results.items() if name.startswith("loss/")}

    def gradients(self, batch, fade, penalise):
        """
        Puts the gradients of both players' losses at their weights, by which none of them has changed yet.

        :param batch: this process's `real`, `mask`, `latent` and `share`
        :returns: losses, pictures and scores, see the games
        """
        real, mask, latent, share = batch
        fade = torch.full((1,), fade, device=self.device)
        for game in self.games.values():
            game.zero_grad(set_to_none=True)
        critic = {name: parameter.detach() for name, parameter in self.named(DISCRIMINATOR)}
        loss, made = self.games[GENERATOR](latent, mask, fade, critic)
        loss.backward()
        generated = made[f"pictures/{self.size}"]
        loss, judged = self.games[DISCRIMINATOR](real, generated, mask, share, fade, penalise)
        loss.backward()
        for player in self.games:
            for _, parameter in self.named(player):
                # What is of no effect at this size.
                if parameter.grad is None:
                    parameter.grad = torch.zeros_like(parameter)
        return {**made, **judged}

    def _grow(self, size):
        """Networks of another size; the optimisers begin anew."""
        self.size = size
        maps = self.source(size)
        self.maps = maps
        specs = weight_specs(size, network_options(self.configuration))
        begun = streams.initial_values(
            {
                name: spec
                for player in specs.values()
                for name, spec in player.items()
                if name not in self.weights
            },
            self.configuration["seed"],
        )
        self.weights.update({name: self._tensor(array) for name, array in begun.items()})
        mean = self._tensor(maps.mean)[None]
        self.games, self.optimisers = {}, {}
        for prefix, kind in ((GENERATOR, GeneratorGame), (DISCRIMINATOR, DiscriminatorGame)):
            for name, (shape, _) in specs[prefix].items():
                if tuple(self.weights[name].shape) != shape:
                    found = list(self.weights[name].shape)
                    raise UsageError(f"The checkpoint's {name} is {found} and not {list(shape)}.")
            own = {name: self.weights[name] for name in specs[prefix]}
            game = kind(prefix, own, self.configuration, size, mean).to(self.device)
            if self.world > 1:
                ids = [self.device.index] if self.device.type == "cuda" else None
                game = DistributedDataParallel(game, device_ids=ids, find_unused_parameters=True)
            self.games[prefix] = game
            rate = self.recipe["learningRate"][prefix.rstrip("/")]
            betas = (self.recipe["beta1"], self.recipe["beta2"])
            self.optimisers[prefix] = torch.optim.Adam(game.parameters(), lr=rate, betas=betas)
        for name in specs[GENERATOR]:
            self.averages.setdefault(name, self.weights[name].clone())

    def _batch_of(self, size):
        count = self.recipe["batch"].get(str(size), 1)
        if count % self.world != 0:
            raise UsageError(f"{count} maps of a step at {size} cannot be shared by {self.world} processes.")
        return count

    def _batch(self, count):
        """This process's part of a batch; the whole depends on the seed and the step alone."""
        each = count // self.world
        part = slice(self.rank * each, (self.rank + 1) * each)
        seed, latent_size = self.configuration["seed"], self.configuration["latentSize"]

        def stream(use):
            return streams.stream_of(seed, self.step_count, use)

        maps = [self.maps.next(int(word)) for word in streams.words(stream("map"), count)[part]]
        latent = streams.normals(count * latent_size, stream("latent")).reshape(count, latent_size)[part]
        share = streams.uniform(stream("share"), count).reshape(count, 1, 1, 1)[part]
        real, mask = (np.stack(arrays) for arrays in zip(*maps))
        return tuple(self._tensor(array) for array in (real, mask, latent, share))

    def named(self, prefix):
        """The parameters of a player by name."""
        game = self.games[prefix]
        return (game.module if self.world > 1 else game)._parameters.items()

    def _tensor(self, array):
        # A copy: what lies in a file is read-only.
        return torch.from_numpy(np.array(array, np.float32)).to(self.device)


def _array(tensor):
    return tensor.detach().cpu().numpy().copy()
