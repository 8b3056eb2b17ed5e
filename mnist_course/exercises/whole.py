"Exercises that train a whole network: train it, count what it has right, and say why that is too little"
# A check calls `trained` in the `run` of a Trial, which has the time limit; then `counted` on what came of it; and
# where that is too little, it raises `CheckFailed` with what `why_weak` says. What else it asks is its own.
import contextlib,math,random
from dataclasses import dataclass,field
from typing import Callable
from unittest import mock

import numpy as np,torch

from .core import CheckFailed,bind,same,short

FAR = 30 # So many times as bright as an image, to see where scores end
ENORMOUS = 100 # Scores beyond it have a sigmoid without any slope
GROWN = 3 # So many times as large are weights after steps that are too large
HARDLY = 0.05 # The share of their size that is hardly a move
GUESS = {1: 0.6, 10: 0.3} # The share that is no better than a guess, by the number of columns
LINEAR = {1: "97%", 10: "92%"} # Where a linear model ends

@dataclass
class Step:
    "A call of backward in a training"
    loss:float                                # Its loss
    params:list                               # The leaves that the loss was computed from
    values:list                               # What they were; in the last step, what they have become
    before:list = field(default_factory=list) # Their gradients before the call, zeros for None
    after:list = field(default_factory=list)  # And after it

@dataclass
class Training:
    "What was seen of a training, and what came of it"
    steps:list    # As `trained` returns them
    model:Callable
    x:torch.Tensor      # The images that were counted, their scores, and the share of right ones
    scores:torch.Tensor
    share:float

def slopes(params): return [torch.zeros_like(p) if p.grad is None else p.grad.clone() for p in params]

@contextlib.contextmanager
def watched(steps):
    "Keep in `steps` the first two `Step`s of the network that is trained last, and its last one"
    from ..checkup.everything import leaves_of
    backward,grad = torch.autograd.backward,torch.autograd.grad
    def begun(outputs):
        loss = outputs if isinstance(outputs, torch.Tensor) else outputs[0]
        step = Step(loss.detach().float().mean().item(), leaves_of(loss), [])
        if steps and not any(p is q for p in step.params for q in steps[0].params): steps.clear()
        step.values = [p.detach() for p in step.params]
        if len(steps)<2: step.values,step.before = [p.clone() for p in step.values],slopes(step.params)
        return step
    def add(step, after):
        if len(steps)<2: step.after = after(step)
        steps[2:] = [step] if len(steps)>1 else []
        if len(steps)<2: steps.append(step)
    def watched_backward(tensors, *args, **kwargs):
        step = begun(tensors)
        backward(tensors, *args, **kwargs)
        add(step, lambda step: slopes(step.params))
    def watched_grad(outputs, inputs, *args, **kwargs):
        step = begun(outputs)
        res = grad(outputs, inputs, *args, **kwargs)
        found = {id(p): g for p,g in zip([inputs] if isinstance(inputs, torch.Tensor) else inputs, res)}
        add(step, lambda step: [found.get(id(p), torch.zeros_like(p)) for p in step.params])
        return res
    with mock.patch.multiple(torch.autograd, backward=watched_backward, grad=watched_grad): yield

@contextlib.contextmanager
def known_chance(seed=0):
    "Random numbers from a seed, and afterwards the notebook's own again"
    states = random.getstate(),np.random.get_state()
    try:
        with torch.random.fork_rng(devices=[]):
            for f in (random.seed,np.random.seed,torch.manual_seed): f(seed)
            yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])

def trained(
    f, # The learner's function
    seed=0, # Of the random numbers that it draws
    **given, # What it gets, by role, as for `bind`
): # What it returns, and the `Step`s of its training
    "Let `f` train a network"
    steps = []
    with known_chance(seed),watched(steps): return bind(f, **given)(),steps

def scores_of(model, x):
    "What a model makes of images, in the mode for using it, wherever its parameters are"
    device = x.device
    if isinstance(model, torch.nn.Module): device = next((p.device for p in model.eval().parameters()), device)
    with torch.no_grad(): return model(x.to(device, copy=True)).cpu().as_subclass(torch.Tensor)

def is_linear(model, x):
    "Do sums of two inputs always give the sum of their scores?"
    a,b = x[:len(x)//2],x[-(len(x)//2):]
    both,neither,one,other = (scores_of(model, o) for o in (a+b, 0*a, a, b))
    return torch.allclose(both+neither, one+other, atol=1e-4, rtol=1e-3)

def within_0_and_1(model, x):
    "Are a model's scores from 0 to 1 for any images, and not just 0?"
    far = scores_of(model, torch.cat([FAR*x[:100], -FAR*x[:100]]))
    return far.min()>=0 and 0<far.max()<=1

def counted(
    model, # Something to be called on images
    x, # The images
    y, # Their labels
    columns=1, # How many scores an image gets: one, of which the sign answers, or one for each class
): # The share of images that it has right, and the scores
    "Count what a model has right; fails where it gives something else than raw scores"
    scores,wanted = scores_of(model, x),(len(x),columns)
    if scores.shape!=wanted:
        what = "One score for each image" if columns==1 else "For each image a score for each class"
        raise CheckFailed(f"a model that makes {tuple(scores.shape)} of {tuple(x.shape)}",
            f"{what} is wanted, {wanted}.")
    if columns==1 and within_0_and_1(model, x):
        raise CheckFailed(f"scores from {short(scores.min())} to {short(scores.max())}, none below 0",
            "The scores are between 0 and 1, whatever the image: there is a sigmoid at the end of the model. "
            "Leave it out: the loss has one inside, and raw scores are compared with 0.")
    if columns>1 and (scores>=0).all() and same(scores.sum(1), torch.ones(len(x))):
        raise CheckFailed(short(scores), "The model ends with a softmax, so that these are probabilities. "
            "Cross-entropy has a softmax inside: with both, it is applied twice. Leave it out of the model.")
    right = (scores>0)==(y.view_as(scores)==1) if columns==1 else scores.argmax(1)==y
    return right.float().mean().item(),scores


# Why a network is weak: questions about a `Training`, of which the first that has an answer names the cause

def moves(a, b):
    "How the parameters of one `Step` have moved until another"
    now = {id(p): v for p,v in zip(b.params, b.values)}
    return [now.get(id(p), v)-v for p,v in zip(a.params, a.values)]

def any_of(tensors): return any(bool(o.any()) for o in tensors)
def size(tensors): return sum(o.square().sum().item() for o in tensors)**0.5

def not_zeroed(steps):
    "Did a step change parameters whose gradients were still there at the next call of backward?"
    return len(steps)>1 and any(bool(m.any() and g.any()) for m,g in zip(moves(*steps[:2]), steps[1].before))

def without_steps(t):
    "Are there gradients, and do all parameters move?"
    if not t.steps: return "Nothing calls backward, so there are no gradients to learn from."
    if len(t.steps)<2: return
    moved = moves(t.steps[0], t.steps[-1])
    if not any_of(moved):
        return "No parameter ever changes: is there a step, and does its optimizer hold the parameters of this model?"
    if t.share<0.9 and not any_of(moves(*t.steps[:2])):
        return "The first batches change no parameter: is the step inside of the loop over the batches?"
    still = sum(not m.any() and bool(g.any()) for m,g in zip(moved, t.steps[0].after))
    if still:
        return (f"{still} of the {len(moved)} parameter tensors never change: does the optimizer hold all of them, "
            "weights and biases, of every layer?")
    if not_zeroed(t.steps):
        return ("The gradients aren't zeroed: each batch adds its own to those of all the batches before. "
            "Clear them after each step.")

def of_another_model(t):
    "Is the model another than the one that was trained, and no copy of it on its way?"
    own = list(t.model.parameters()) if isinstance(t.model, torch.nn.Module) else []
    if not own or any(p is q for p in own for q in t.steps[-1].params): return
    first,last = ({v.shape: v for v in o.values} for o in (t.steps[0],t.steps[-1]))
    if len(last)<len(t.steps[-1].values): return # two of a shape can't be told apart
    if all(p.shape in last for p in own):
        went,away = size(last[o]-first[o] for o in last),size(p.detach()-last[p.shape] for p in own)
        if away < 0.99*went: return
    return "The model that is returned isn't the model that was trained: the steps went to the parameters of another."

def wrong_way(t):
    "Do the steps go downhill, on a loss that should be small?"
    if len(t.steps)<2: return
    first,last = t.steps[0],t.steps[-1]
    uphill = sum((m*g).sum().item() for m,g in zip(moves(*t.steps[:2]), first.after)) > 0
    if first.loss>0 and uphill: return "The steps go uphill: is there a + where the step needs a minus?"
    if first.loss < -undecided(t)/2 and last.loss < -1 and not uphill:
        return "The loss is negative, and goes down when the right answer gets less probable: its minus is missing."

def undecided(t): return math.log(max(t.scores.shape[1], 2))

def wrong_loss(t):
    "Are the first and the last loss such as probabilities can have?"
    columns,first,last = t.scores.shape[1],t.steps[0],t.steps[-1]
    if last.loss < -10:
        return ("The loss falls below 0 and on without end, as a loss of probabilities can't: is the "
            f"{'sigmoid' if columns==1 else 'softmax'} missing?")
    if columns>1 and -1<last.loss<0:
        return "The loss is between -1 and 0, as if probabilities were averaged: is the logarithm missing?"
    if first.loss>10:
        return (f"The loss of the first batch is {first.loss:.0f}, and that of a model that knows nothing about "
            f"{undecided(t):.1f}: is it a sum where it should be a mean, or do the weights start too large?")
    if not t.scores.isfinite().all() or last.loss > 10+10*first.loss:
        return ("It diverged: the loss grows, or is nan. Divide the learning rate by ten, and see that the loss "
            "passes its check.")

def wrong_scores(t):
    "Are the scores those of a net that can learn?"
    columns,out = t.scores.shape[1],t.scores
    if same(out, out[:1].expand_as(out)):
        return "Every image gets the same scores: do the weights start at 0, or are the hidden units dead?"
    if (out>=0).all() and (out==0).float().mean()>0.1:
        return "The scores are never negative and often 0: there is a ReLU after the last layer. Leave it out."
    if t.share>GUESS[columns]+0.2 and is_linear(t.model, t.x[:200]):
        return ("The model is linear: there is no ReLU between the layers (or its result isn't used), and two linear "
            f"layers in a row are one. That ends at about {LINEAR[columns]}.")

def wrong_rate(t):
    "Did the weights move by too much or too little?"
    first,last = t.steps[0],t.steps[-1]
    start = size(first.values)
    if t.scores.abs().median()>ENORMOUS and t.share<0.9:
        return ("The learning rate is too large: the scores are enormous, so far out on the sigmoid that there is no "
            "slope any more.")
    if start and size(last.values)>GROWN*start and t.share<0.9:
        return (f"The learning rate is too large: the weights have grown to {size(last.values)/start:.0f} times what "
            "they were, and the net doesn't find its way back.")
    if len(t.steps)>1 and size(moves(first, last)) < HARDLY*start:
        return ("The weights have hardly moved: the learning rate is much too small. (fastai's own, 0.001, is meant "
            "for Adam and not for SGD.)")
    if t.share<GUESS[t.scores.shape[1]]:
        return ("It goes downhill and learns nothing that holds: do images and labels still go in pairs, in the "
            "batches and in the loss, or was each put into an order of its own? (Or the rate is far too large.)")

def why_weak(
    t, # A `Training`
    advice, # What to say where nothing is found
): # A sentence
    "The likeliest cause of a low share"
    for question in (without_steps,of_another_model,wrong_way,wrong_loss,wrong_scores,wrong_rate):
        found = question(t)
        if found: return found
    return advice
