"Exercises that train a whole network: train it, count what it has right, and say why that is too little"
# A check calls `trained` in the `run` of a Trial, which has the time limit; then `counted` on what came of it; and
# where that is too little, it raises `CheckFailed` with what `why_weak` says. What else it asks is its own.
import math,random
from contextlib import contextmanager
from dataclasses import dataclass,field
from typing import Any
from unittest import mock

import numpy as np,torch
from torch import autograd

from .core import CheckFailed,bind,same,short

FAR = 30 # So many times as bright as an image, to see where scores end
SPREAD = 0.1 # By so much the scores behind a sigmoid differ there
ENORMOUS = 100 # Scores beyond it have a sigmoid without any slope
GROWN = 3 # So many times as large are weights after steps that are too large
HARDLY = 0.05 # The share of their size that is hardly a move
GUESS = {1: 0.6, 10: 0.3} # The share that is no better than a guess, by the number of columns
LINEAR = {1: "97%", 10: "92%"} # Where a linear model ends


# Training

@dataclass
class Step:
    "A call of backward in a training"
    loss:float                                # Its loss
    params:list                               # The leaves that the loss was computed from
    values:list                               # What they were; in the last step, what they have become
    before:list = field(default_factory=list) # Their gradients before the call, zeros for None
    after:list = field(default_factory=list)  # And after it

def slopes(params): return [torch.zeros_like(p) if p.grad is None else p.grad.clone() for p in params]

def begun(outputs, first):
    "A `Step` before its gradients; one of the `first` keeps copies of its tensors"
    from ..checkup import leaves_of
    loss = outputs if isinstance(outputs, torch.Tensor) else outputs[0]
    params = leaves_of(loss)
    step = Step(loss.detach().float().mean().item(), params, [p.detach() for p in params])
    if first: step.values,step.before = [p.clone() for p in step.values],slopes(params)
    return step

def returned(step, res, inputs, *args, **kwargs):
    "The gradients of a step's parameters in what `autograd.grad` has returned for `inputs`"
    found = dict(zip(map(id, [inputs] if isinstance(inputs, torch.Tensor) else inputs), res))
    return [found.get(id(p), torch.zeros_like(p)) for p in step.params]

@contextmanager
def watched(steps):
    "Keep in `steps` the first two `Step`s of the network that is trained last, and its last one"
    def watch(real):
        def f(outputs, *args, **kwargs):
            step = begun(outputs, len(steps)<2)
            if steps and not any(p is q for p in step.params for q in steps[0].params): # another network
                steps.clear()
                step = begun(outputs, True)
            res = real(outputs, *args, **kwargs)
            if len(steps)<2: step.after = slopes(step.params) if res is None else returned(step, res, *args, **kwargs)
            steps[2:] = []
            steps.append(step)
            return res
        return f
    with mock.patch.multiple(autograd, backward=watch(autograd.backward), grad=watch(autograd.grad)): yield

@contextmanager
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


# Counting

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

def far_scores(model, x):
    "Scores as far out as they go"
    return scores_of(model, torch.cat([FAR*x[:100], -FAR*x[:100]]))

def within_0_and_1(model, x):
    "Do a model's scores go from 0 to 1 for any images?"
    far = far_scores(model, x)
    return far.min()>=0 and far.max()<=1 and far.max()-far.min()>SPREAD

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
    if columns==1 and within_0_and_1(model, x): raise CheckFailed("scores between 0 and 1, none below 0",
        "There is a sigmoid at the end of the model. Leave it out: the loss has one inside, and raw scores are "
        "compared with 0.")
    if columns>1 and (scores>=0).all() and same(scores.sum(1), torch.ones(len(x))): raise CheckFailed(short(scores),
        "The model ends with a softmax, so that these are probabilities. Cross-entropy has a softmax inside: with "
        "both, it is applied twice. Leave it out of the model.")
    right = (scores>0)==(y.view_as(scores)==1) if columns==1 else scores.argmax(1)==y
    return right.float().mean().item(),scores


# Why a network is weak: questions, of which the first that has an answer names the cause

@dataclass
class Training:
    "What was seen of a training, and what came of it"
    steps:list          # As `trained` returns them
    model:Any           # The network
    x:torch.Tensor      # The images that were counted
    scores:torch.Tensor # Their scores
    share:float         # The share of right ones
    def __post_init__(self):
        self.columns = self.scores.shape[1]
        self.undecided = math.log(max(self.columns, 2)) # the loss of a model that knows nothing
        if self.steps: self.first,self.last = self.steps[0],self.steps[-1]

def moves(a, b):
    "How the parameters of one `Step` have moved until another"
    now = {id(p): v for p,v in zip(b.params, b.values)}
    return [now.get(id(p), v)-v for p,v in zip(a.params, a.values)]

def any_of(tensors): return any(bool(o.any()) for o in tensors)
def size(tensors): return sum(o.square().sum().item() for o in tensors)**0.5

def not_zeroed(steps):
    "Did a step change parameters whose gradients were still there at the next call of backward?"
    return len(steps)>1 and any(bool(m.any() and g.any()) for m,g in zip(moves(*steps[:2]), steps[1].before))

def stands_still(t):
    "Are there gradients, do all parameters move, and are gradients cleared?"
    if not t.steps: return "Nothing calls backward, so there are no gradients to learn from."
    if len(t.steps)<2: return
    moved = moves(t.first, t.last)
    if not any_of(moved):
        return "No parameter ever changes: is there a step, and does its optimizer hold the parameters of this model?"
    if t.share<0.9 and not any_of(moves(*t.steps[:2])):
        return "The first batches change no parameter: is the step inside of the loop over the batches?"
    still = sum(not m.any() and bool(g.any()) for m,g in zip(moved, t.first.after))
    if still: return (f"{still} of the {len(moved)} parameter tensors never change: does the optimizer hold all of "
        "them, weights and biases, of every layer?")
    if not_zeroed(t.steps): return ("The gradients aren't zeroed: each batch adds its own to those of all the batches "
        "before. Clear them after each step.")

def on_its_way(t, own):
    "Could these be a copy of the parameters, made in the training?"
    first,last = ({v.shape: v for v in o.values} for o in (t.first,t.last))
    if len(last)<len(t.last.values): return True # two of a shape can't be told apart
    if any(p.shape not in last for p in own): return False
    went,away = size(last[o]-first[o] for o in last),size(p.detach()-last[p.shape] for p in own)
    return away < 0.99*went

def other_model(t):
    "Is the model another than the one that was trained?"
    own = list(t.model.parameters()) if isinstance(t.model, torch.nn.Module) else []
    if not own or any(p is q for p in own for q in t.last.params) or on_its_way(t, own): return
    return "The model that is returned isn't the model that was trained: the steps went to the parameters of another."

def wrong_way(t):
    "Do the steps go downhill, on a loss that should be small?"
    if len(t.steps)<2: return
    uphill = sum((m*g).sum().item() for m,g in zip(moves(*t.steps[:2]), t.first.after)) > 0
    if t.first.loss>0 and uphill: return "The steps go uphill: is there a + where the step needs a minus?"
    if t.first.loss < -t.undecided/2 and t.last.loss < -1 and not uphill:
        return "The loss is negative, and goes down when the right answer gets less probable: its minus is missing."

def wrong_loss(t):
    "Are the first and the last loss such as probabilities can have?"
    missing = 'sigmoid' if t.columns==1 else 'softmax'
    if t.last.loss < -10:
        return f"The loss falls below 0 without end, as one of probabilities can't: is the {missing} missing?"
    if t.columns>1 and -1<t.last.loss<0:
        return "The loss is between -1 and 0, as if probabilities were averaged: is the logarithm missing?"
    if t.first.loss>10: return (f"The loss of the first batch is {t.first.loss:.0f}, and that of a model that knows "
        f"nothing about {t.undecided:.1f}: is it a sum where it should be a mean, or do the weights start too large?")
    if not t.scores.isfinite().all() or t.last.loss > 10+10*t.first.loss: return ("It diverged: the loss grows, or is "
        "nan. Divide the learning rate by ten, and see that the loss passes its check.")

def wrong_scores(t):
    "Are the scores those of a net that can learn?"
    if same(t.scores, t.scores[:1].expand_as(t.scores)):
        return "Every image gets the same scores: do the weights start at 0, or are the hidden units dead?"
    if (t.scores>=0).all() and far_scores(t.model, t.x).min()==0:
        return "The scores are never negative: there is a ReLU after the last layer. Leave it out."
    if t.share>GUESS[t.columns]+0.2 and is_linear(t.model, t.x[:200]): return ("The model is linear: there is no ReLU "
        "between the layers (or its result isn't used), and two linear layers in a row are one. That ends at about "
        f"{LINEAR[t.columns]}.")

def wrong_rate(t):
    "Did the weights move by too much or too little?"
    start,end = size(t.first.values),size(t.last.values)
    if t.scores.abs().median()>ENORMOUS and t.share<0.9: return ("The learning rate is too large: the scores are "
        "enormous, so far out on the sigmoid that there is no slope any more.")
    if start and end>GROWN*start and t.share<0.9: return ("The learning rate is too large: the weights have grown to "
        f"{end/start:.0f} times what they were, and the net doesn't find its way back.")
    if len(t.steps)>1 and size(moves(t.first, t.last)) < HARDLY*start: return ("The weights have hardly moved: the "
        "learning rate is much too small. (fastai's own, 0.001, is meant for Adam and not for SGD.)")
    if t.share<GUESS[t.columns]: return ("It goes downhill and learns nothing that holds: do images and labels still "
        "go in pairs, in the batches and in the loss, or was each put into an order of its own? (Or the rate is far "
        "too large.)")

def why_weak(
    t, # A `Training`
    advice, # What to say where nothing is found
): # A sentence
    "The likeliest cause of a low share"
    answers = (ask(t) for ask in (stands_still,other_model,wrong_way,wrong_loss,wrong_scores,wrong_rate))
    return next((o for o in answers if o), advice)
