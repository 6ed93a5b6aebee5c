"""The generator and discriminator of progressive growing (Karras, Aila, Laine, Lehtinen, "Progressive Growing of GANs",
ICLR 2018, arXiv 1710.10196), the same as packages/train/src/networks/progressive-generator.ts and
progressive-discriminator.ts: functions that ask `weights(name, shape, initial)` for what they need, where `initial` is
"normal" or a number."""

import math
from collections import namedtuple

import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch.distributed.nn.functional import all_reduce

SLOPE = 0.2
RECTIFIED_GAIN = math.sqrt(2)
EPSILON = 1e-8
START = 4
CELLS = START * START

Options = namedtuple("Options", ["latent_size", "width", "latent"])


def features_at(size, options):
    """min(2 x 8192 / size, 512) times the width; halves are rounded up, as JavaScript does it."""
    return max(1, math.floor(min(16384 / size, 512) * options.width + 0.5))


def sizes_to(size):
    sizes = [START]
    while sizes[-1] * 2 <= size:
        sizes.append(sizes[-1] * 2)
    return sizes


def convolution(weights, name, x, to, kernel=3, gain=RECTIFIED_GAIN):
    origin = x.shape[1]
    weight = weights(f"{name}/weight", (to, origin, kernel, kernel), "normal")
    bias = weights(f"{name}/bias", (to,), 0)
    scale = gain / math.sqrt(origin * kernel * kernel)
    return F.conv2d(x, weight * scale, bias, padding=(kernel - 1) // 2)


def dense(weights, name, x, to, gain=RECTIFIED_GAIN):
    origin = x.shape[1]
    weight = weights(f"{name}/weight", (origin, to), "normal")
    bias = weights(f"{name}/bias", (to,), 0)
    return torch.addmm(bias, x, weight * (gain / math.sqrt(origin)))


def rectified(x):
    return F.leaky_relu(x, SLOPE)


def pixel_norm(x):
    return x * torch.rsqrt((x * x).mean(1, keepdim=True) + EPSILON)


def halved(x):
    return F.avg_pool2d(x, 2)


def doubled(x):
    return F.interpolate(x, scale_factor=2, mode="nearest")


def blended(a, b, share):
    return a + (b - a) * share


def generator_features(weights, latent, size, options):
    """
    :param latent: n x latent_size
    :returns: features n x c x side x side by side, from 4 to size
    """
    features = {}
    x = _first_features(weights, pixel_norm(latent), options)
    for side in sizes_to(size):
        to = features_at(side, options)
        if side == START:
            x = _activated(convolution(weights, "4x4/conv", x, to))
        else:
            x = _activated(convolution(weights, f"{side}x{side}/conv0", doubled(x), to))
            x = _activated(convolution(weights, f"{side}x{side}/conv1", x, to))
        features[side] = x
    return features


def coloured(weights, x, side):
    """The picture, about [0, 1], that features of a size show."""
    return convolution(weights, f"{side}x{side}/colour", x, 3, kernel=1, gain=1) * 0.5 + 0.5


def generator(weights, features, size, fade):
    """
    :param features: see generator_features
    :param fade: scalar tensor in [0, 1]: how far the largest size has come in
    :returns: pictures n x 3 x side x side by side
    """
    pictures = {side: coloured(weights, x, side) for side, x in features.items()}
    if size > START:
        pictures[size] = blended(doubled(pictures[size // 2]), pictures[size], fade)
    return pictures


def follow_loss(weights, features, pictures, fade):
    """
    By which the last layers of the smaller sizes, and only they, learn to show what the largest does, as in
    `followedGradients` of packages/train/src/training/training-programs.ts.
    """
    size = max(features)
    target = pictures[size].detach()
    losses = []
    for side in reversed(sizes_to(size)[:-1]):
        own = coloured(weights, features[side].detach(), side)
        target = halved(target)
        shown = target
        if side == size // 2:
            # The largest picture is made of this one too, as long as it fades in.
            alone = coloured(weights, features[size], size).detach()
            shown = halved(blended(doubled(own), alone, fade))
        losses.append((own - shown).abs().mean())
    return sum(losses)


def _first_features(weights, latent, options):
    n = latent.shape[0]
    to = features_at(START, options)
    if options.latent == "dense":
        flat = dense(weights, "4x4/dense", latent, CELLS * to, gain=math.sqrt(2) / 4)
        return _activated(flat.reshape(n, to, START, START))
    cells = latent.reshape(n, START, START, options.latent_size // CELLS).permute(0, 3, 1, 2)
    return _activated(convolution(weights, "4x4/local", cells, to, kernel=1))


def _activated(x):
    return pixel_norm(rectified(x))


def discriminator(weights, pictures, fade, options):
    """
    :param pictures: n x 4 x size x size: colours and confidence
    :returns: n x 1 scores, higher for real pictures
    """
    size = pictures.shape[3]

    def entered(picture, side):
        to = features_at(side, options)
        return rectified(convolution(weights, f"{side}x{side}/entry", picture * 2 - 1, to, kernel=1))

    x = entered(pictures, size)
    for side in reversed(sizes_to(size)[1:]):
        x = rectified(convolution(weights, f"{side}x{side}/conv0", x, features_at(side, options)))
        x = rectified(convolution(weights, f"{side}x{side}/conv1", x, features_at(side // 2, options)))
        x = halved(x)
        if side == size:
            x = blended(entered(halved(pictures), side // 2), x, fade)
    features = features_at(START, options)
    mixed = rectified(convolution(weights, "4x4/conv", with_batch_deviation(x), features))
    inner = rectified(dense(weights, "4x4/dense0", mixed.flatten(1), features))
    return dense(weights, "4x4/dense1", inner, 1, gain=1)


def with_batch_deviation(x):
    """One more feature map: the standard deviation over the batch, of all processes together, averaged."""
    centred = x - batch_mean(x)
    deviation = torch.sqrt(batch_mean(centred * centred) + EPSILON).mean()
    return torch.cat([x, deviation.expand(x.shape[0], 1, *x.shape[2:])], 1)


def batch_mean(x):
    """Over the batches of all processes, which are of one size; can be differentiated twice."""
    mean = x.mean(0, keepdim=True)
    # A meta tensor has a shape alone, see weight_specs.
    if x.is_meta or not dist.is_initialized() or dist.get_world_size() == 1:
        return mean
    return all_reduce(mean.contiguous()) / dist.get_world_size()


def weight_specs(size, options):
    """(shape, initial) of the weights of both players at a size, by player and name, as the networks ask for them."""
    specs = {"generator/": {}, "discriminator/": {}}

    def recorder(prefix):
        def source(name, shape, initial):
            specs[prefix][prefix + name] = (tuple(shape), initial)
            return torch.zeros(shape, device="meta")

        return source

    fade = torch.zeros(1, device="meta")
    latent = torch.zeros(1, options.latent_size, device="meta")
    features = generator_features(recorder("generator/"), latent, size, options)
    generator(recorder("generator/"), features, size, fade)
    discriminator(recorder("discriminator/"), torch.zeros(1, 4, size, size, device="meta"), fade, options)
    return specs
