"""The game between generator and discriminator, the same as packages/train/src/training/adversarial-loss.ts."""

import torch
import torch.nn.functional as F

from networks import blended

def discriminator_loss(adversary, real, generated, slopes):
    if adversary == "logistic":
        return F.softplus(-real).mean() + F.softplus(generated).mean()
    return generated.mean() - real.mean() + slopes["drift"] * (real * real).mean()


def generator_loss(adversary, generated):
    return F.softplus(-generated).mean() if adversary == "logistic" else -generated.mean()


def slope_penalty(adversary, critic, real, generated, share, slopes):
    """
    :param critic: n x k scores of n x c x h x w
    :param share: n x 1 x 1 x 1 in [0, 1]: how much of the generated picture each mixture of `wgan-gp` has
    :param slopes: how much each counts
    """
    if adversary == "logistic":
        at = real.detach().requires_grad_(True)
        scores = critic(at)
        (gradient,) = torch.autograd.grad(scores.sum(), at, create_graph=True)
        places = scores.shape[1]
        return (gradient * gradient).sum([1, 2, 3]).mean() * (slopes["r1"] / 2 / places)
    at = blended(real, generated, share).detach().requires_grad_(True)
    (gradient,) = torch.autograd.grad(critic(at).mean(1).sum(), at, create_graph=True)
    excess = gradient.flatten(1).norm(dim=1) - 1
    return slopes["slope"] * (excess * excess).mean()


def with_mask(pictures, mask, mean):
    """What the discriminator sees: colours where the mask is 1, the mean where it is 0, and the mask."""
    return torch.cat([mean + (pictures - mean) * mask, mask], 1)
