"Assignment 3: your own optimizer and Learner"
from collections import namedtuple
from copy import deepcopy
from functools import partial

import torch
from torch import nn,tensor
from torch.nn import functional as F

from .core import CheckFailed,Trial,a_type,attempt,bind,fail,judge,number,same,short

__all__ = ['check_MyOptim', 'check_train_step', 'check_Momentum', 'check_MyLearner', 'check_trained_net']

def randn(*size, seed=0): return torch.randn(*size, generator=torch.Generator().manual_seed(seed))

def make(layers, seed=0):
    "A network of the layers that `layers()` gives, the same each time; the notebook's own random numbers aren't touched"
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return nn.Sequential(*layers())

def flat(net): return torch.cat([p.detach().flatten().clone() for p in net.parameters()])


# Optimizers

class Plain:
    "A right optimizer in parts, of which each mistake replaces one"
    def __init__(self, params, lr, momentum=0.): self.params,self.lr,self.momentum,self.v = list(params),lr,momentum,{}
    def step(self):
        with torch.no_grad():
            for p in self.params:
                if p.grad is not None: self.move(p)
    def zero_grad(self):
        for p in self.params: p.grad = None
    def move(self, p): p += self.change(p)
    def change(self, p): return -self.lr*self.velocity(p)
    def velocity(self, p):
        self.v[p] = self.mix(self.v.get(p, torch.zeros_like(p)), p.grad)
        return self.v[p]
    def mix(self, v, g): return self.momentum*v + g

def mistake(base=Plain, **parts): return type('Mistake', (base,), parts)

class Params(list):
    "A list of parameters that remembers whether anybody has looked into it"
    seen = False
    def __iter__(self):
        self.seen = True
        return super().__iter__()
    def __getitem__(self, i):
        self.seen = True
        return super().__getitem__(i)

def optimizer(f, params, **hyper):
    "What the learner's class or function gives for these parameters"
    opt = bind(f, params=params, **hyper)()
    for o in ('step','zero_grad'):
        if not callable(getattr(opt, o, None)): raise CheckFailed(f"{short(opt)}, without a method `{o}`",
            "It gives no optimizer: is `return` missing, or the method's name another?")
    return opt

NO_GRAD = "It stumbles over a parameter without a gradient (its `.grad` is None). Such a parameter is to be left alone."
NO_VELOCITY = "A velocity is read before it was ever set: in the first step there is none yet. Each starts at 0."
UNSEEN = "It never looks at the parameters that it is given, but takes others, from a global that another cell has left. Use the argument."

def careful(method, params, given=(), first=False):
    "Call `step` or `zero_grad`; an error on the way is explained where that is possible"
    try: method()
    except (TypeError,AttributeError,LookupError) as e:
        came = f"{type(e).__name__}: {e}"
        if isinstance(given, Params) and not given.seen: raise CheckFailed(came, UNSEEN)
        if 'NoneType' in str(e) and any(p.grad is None for p in params): raise CheckFailed(came, NO_GRAD)
        if first and ('NoneType' in str(e) or 'has no attribute' in str(e) or isinstance(e, LookupError)): raise CheckFailed(came, NO_VELOCITY)
        raise

def walk(f, start, rows, given=Params, **hyper):
    """The parameters from `start` after an optimizer of `f` has gone through `rows`, of which each has a gradient for each parameter, or None

    For a row there is a `backward`, which adds to what is there, a `step` and a `zero_grad`. `given` says in what the parameters are handed over."""
    params = [o.clone().requires_grad_() for o in start]
    handed = given(params)
    opt = optimizer(f, handed, **hyper)
    for i,row in enumerate(rows):
        for p,g in zip(params, row):
            if g is None: p.grad = None
            else: (p*g).sum().backward()
        careful(opt.step, params, handed, first='momentum' in hyper and not i)
        careful(opt.zero_grad, params, handed)
    if isinstance(handed, Params) and not handed.seen and same(params, start): raise CheckFailed("parameters that are what they were", UNSEEN)
    if not all(p.is_leaf and p.requires_grad for p in params):
        raise CheckFailed("a parameter that no longer requires a gradient",
            "It takes the parameter out of training: after a step it still has to be a leaf that requires a gradient.")
    return [p.detach().clone() for p in params] if len(params)>1 else params[0].detach().clone()

def twice(f, *args, **hyper):
    "`walk`, done twice: a new optimizer must know nothing of an older one"
    first,second = (walk(f, *args, **hyper) for _ in range(2))
    if same(first, second): return first
    raise CheckFailed(f"{short(first)} from one optimizer, and {short(second)} from a second one that does the same",
        "It remembers something from one optimizer to the next: is a list or dict shared by all, as an attribute of the class or a default argument?")

def after_zero_grad(f, **hyper):
    "Gradient, 0 if it is None, and parameter after `backward` and `zero_grad`"
    p = tensor([1.,2.]).requires_grad_()
    opt = optimizer(f, [p], **hyper)
    (p*tensor([0.5,-1.])).sum().backward()
    careful(opt.zero_grad, [p])
    return [torch.zeros(2) if p.grad is None else p.grad, p.detach()]

def side_by_side(f, **hyper):
    "Two parameters after two steps of an optimizer each, with learning rates 0.1 and 0.5"
    params = [tensor([1.,2.]).requires_grad_() for _ in range(2)]
    opts = [optimizer(f, [p], lr=lr, **hyper) for p,lr in zip(params, (0.1,0.5))]
    for g in (1.,-3.):
        for p in params: (p*g).sum().backward()
        for opt in opts: careful(opt.step, params)
        for opt in opts: careful(opt.zero_grad, params)
    return [p.detach() for p in params]

def three_batches(f, **hyper):
    "All the parameters of a small network after three batches"
    net = make(lambda: (nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 1)))
    opt = optimizer(f, net.parameters(), **hyper)
    for i,n in enumerate((5,5,2)):
        F.mse_loss(net(randn(n, 4, seed=i)), randn(n, 1, seed=9+i)).backward()
        careful(opt.step, list(net.parameters()))
        careful(opt.zero_grad, list(net.parameters()))
    return flat(net)

def optim_trials(**hyper):
    "Trials of an optimizer, with momentum or without"
    def trial(run, show, *args, **kwargs):
        kwargs = {**hyper, **kwargs}
        return Trial(lambda f: run(f, *args, **kwargs), run(Plain, *args, **kwargs),
            ', '.join([show, *(f'{k}={v:g}' for k,v in kwargs.items() if k!='given')]))
    p,g,h = tensor([1.,2.]),tensor([0.5,-1.]),tensor([1.,1.])
    one = "a parameter tensor([1., 2.])"
    several = [randn(2), randn(3, 2, seed=1), randn(1, seed=2)]
    rows = [(None,None,None)] + [[randn(*o.shape, seed=10*i+j) if (i,j) not in [(1,1),(3,0)] else None for j,o in enumerate(several)] for i in range(1, 5)]
    res = [trial(twice, f"{one} with gradient tensor([0.5, -1.]), after one step()", [p], [[g]], lr=0.1),
        trial(walk, f"{one} with gradient tensor([0.5, -1.]), after one step()", [p], [[g]], lr=0.5),
        trial(after_zero_grad, f"gradient and value of {one} after backward() and zero_grad(); a gradient of None counts as 0", lr=0.1),
        trial(walk, f"{one} after two steps, with gradients tensor([0.5, -1.]) and then tensor([1., 1.]), and zero_grad() after each", [p], [[g],[h]],
            lr=0.1)]
    if hyper: res.append(trial(walk, f"{one} after three steps with gradients tensor([0.5, -1.]), tensor([1., 1.]) and tensor([0.5, -1.])", [p],
        [[g],[h],[g]], lr=0.1, momentum=0.5))
    return res + [
        trial(walk, f"{one} that a generator hands out, after two steps with gradients tensor([0.5, -1.]) and tensor([1., 1.])", [p], [[g],[h]],
            given=iter, lr=0.1),
        trial(walk, f"{one} after two steps, with gradient tensor([0.5, -1.]) and then without any, and zero_grad() after each", [p], [[g],[None]],
            lr=0.1),
        trial(walk, "two parameters tensor([1., 2.]), with gradients tensor([0.5, -1.]) and tensor([1., 1.]), after two steps", [p,p], [[g,h],[g,h]],
            lr=0.1),
        trial(walk, "three parameters that a generator hands out, after five steps; now and then one of them has no gradient", several, rows,
            given=iter, lr=0.1),
        trial(side_by_side, "two optimizers at a time, with learning rates of 0.1 and 0.5 and a parameter tensor([1., 2.]) each, after two steps"),
        trial(three_batches, "the parameters of a two-layer network, given as model.parameters(), after three batches", lr=0.3)]

def in_graph(self):
    for p in self.params: p -= self.lr*p.grad
def only_first(self):
    self.params = self.params[:1]
    Plain.step(self)
def assign(value):
    def zero_grad(self):
        for p in self.params: p.grad = value
    return zero_grad
def wipe(self):
    for p in self.params:
        if p.grad is not None: p.grad.zero_()
def wipe_params(self):
    for p in self.params: p.data.zero_()
def coast(self):
    for p in self.params:
        if p.grad is None: p.grad = torch.zeros_like(p)
    Plain.step(self)
def keep(self, params, lr, momentum=0.): self.params,self.lr,self.momentum,self.v = params,lr,momentum,{}
def exhaust(self, params, lr,
    momentum=0.): self.params,self.lr,self.momentum,self.v = [*params][:0] if iter(params) is params else [*params],lr,momentum,{}
def shared():
    all_params = []
    def init(self, params, lr, momentum=0.):
        keep(self, all_params, lr, momentum)
        all_params.extend(params)
    return init

DRY = "A generator has run dry: model.parameters() can be gone over only once, so that nothing is left for what comes later. Make a list of it first."
OPTIM_MISTAKES = [
    ("It walks uphill: the gradient is added where it is to be subtracted.", mistake(change=lambda self,p: self.lr*self.velocity(p))),
    ("No parameter moves. Is a new tensor made and called by its name (`p = …`)? The old one has to be changed in place.",
        mistake(move=lambda self,p: None)),
    ("The step is inside the graph: PyTorch would record it as a part of the computation. Tell it not to.", mistake(step=in_graph)),
    ("zero_grad does nothing to the gradients, so each backward() adds to the old ones.", mistake(zero_grad=lambda self: None)),
    ("zero_grad sets the parameters to zero; it is their gradients that are to go.", mistake(zero_grad=wipe_params)),
    *[("A gradient can be a tensor or None, and not a number: zero is no tensor of zeros.", mistake(zero_grad=assign(o))) for o in (0,0.)],
    (DRY, mistake(__init__=keep)), (DRY, mistake(__init__=exhaust)),
    ("Only the first parameter moves: does the loop return or break after it?", mistake(step=only_first)),
    ("All optimizers share one list of parameters, an attribute of the class, so that each also moves those of the others.", mistake(__init__=shared())),
    *[(f"The learning rate isn't the one that is given: it is {lr:g}, always. Is it written into the code, or a global of another cell?",
        mistake(change=lambda self,p,lr=lr: -lr*self.velocity(p))) for lr in (1.,0.1,0.01,0.001)],
]

def check_MyOptim(MyOptim):
    "Steps equal to those of torch.optim.SGD"
    judge('MyOptim', MyOptim, optim_trials(), OPTIM_MISTAKES, "chapter 04, '`BasicOptim`' and 'Three mistakes, and how they look'")

def late(self, p):
    v = self.v.get(p, torch.zeros_like(p))
    self.velocity(p)
    return -self.lr*v
def one_for_all(self, p):
    self.v[0] = self.mix(self.v.get(0, 0.), p.grad)
    return self.v[0]
def alias(self, p):
    self.v[p] = self.mix(self.v[p], p.grad) if p in self.v else p.grad
    return self.v[p]
def alias_in_place(self, p):
    if p in self.v: self.v[p].mul_(self.momentum).add_(p.grad)
    else: self.v[p] = p.grad
    return self.v[p]
ALIAS = "The velocity begins as the gradient's own tensor and not as a copy of it: when zero_grad wipes the gradient, the velocity goes with it."

def check_Momentum(Momentum):
    "Steps equal to those of torch.optim.SGD with momentum"
    judge('Momentum', Momentum, optim_trials(momentum=0.9), OPTIM_MISTAKES + [
        ("One velocity is shared by all parameters. Each needs its own.", mistake(velocity=one_for_all)),
        ("There is no memory: every step is a plain one. Does the velocity start anew each time, or is it never used?", mistake(mix=lambda self,v,g: g)),
        ("The gradient is weighted with 1-momentum, so that the velocity is an average. Here the whole gradient is to be added.",
            mistake(mix=lambda self,v,g: self.momentum*v + (1-self.momentum)*g)),
        *[(f"The momentum isn't the one that is given: it is {m:g}, always.", mistake(mix=lambda self,v,g,m=m: m*v + g)) for m in (0.9,0.5,0.99)],
        ("The velocity isn't slowed down: it grows by each gradient, and momentum isn't used.", mistake(mix=lambda self,v,g: v + g)),
        ("The momentum is applied to velocity and gradient together. Only the old velocity is to be multiplied.",
            mistake(mix=lambda self,v,g: self.momentum*(v+g))),
        ("It moves by the old velocity, and adds the gradient only afterwards.", mistake(change=late)),
        ("This is Nesterov's variant: gradient and velocity are added once more for the step. Move by the velocity itself.",
            mistake(change=lambda self,p: -self.lr*(p.grad + self.momentum*self.velocity(p)))),
        ("A parameter that has no gradient still moves, by its old velocity. It's to be left alone, and its velocity too.", mistake(step=coast)),
        (ALIAS, mistake(velocity=alias, zero_grad=wipe)), (ALIAS, mistake(velocity=alias_in_place, zero_grad=wipe)),
    ], "this exercise's text; chapter 04, '`BasicOptim`' and 'Three mistakes, and how they look'")


# A training step

FAULTS = dict(
    train="It never goes through dls.train: it trains on data of another cell, or not at all.",
    make="It never calls opt_func to make its optimizer, and uses another one.",
    model="It never calls the model that it is given: it uses another one, from a global of another cell.",
    loss="It never calls the loss function that it is given.",
    grad="Nothing computes the gradients: is backward() missing, or without its parentheses?",
    step="It never calls step() of the optimizer that it is given.",
    valid="It never looks at dls.valid: what it validates on is the training set, or another cell's data.",
    metric="It never calls the metric that it is given.")

class Notes(list):
    "What a learner's code does with the things it is given, in order, as keys of `FAULTS`"
    def on(self, word, f):
        "`f`, which from now on leaves a note when it is called"
        def noted(*args, **kwargs):
            self.append(word)
            return f(*args, **kwargs)
        return noted
    def model(self, net):
        net.forward,net.zero_grad = self.on('model', net.forward),self.on('zero_grad', net.zero_grad)
        next(net.parameters()).register_hook(lambda g: self.append('grad'))
        return net
    def opt(self, *args):
        opt = Plain(*args)
        opt.step,opt.zero_grad = self.on('step', opt.step),self.on('zero_grad', opt.zero_grad)
        return opt
    def during(self, call, *needed):
        "What `call` returns; where shapes don't fit and something needed was never touched, another cell's model or data got in"
        try: return call()
        except RuntimeError as e:
            for o in needed:
                if o not in self and 'shapes' in str(e): raise CheckFailed(f"RuntimeError: {e}", FAULTS[o])
            raise
    def need(self, came, *needed):
        "Raise `CheckFailed` if something that is needed wasn't done, or not in the right order; `came` is what the learner's code gave"
        for o in needed:
            if o not in self: raise CheckFailed(f"{came}; but a part of the training was left out", FAULTS[o])
        order = ' '.join(o for o in self if o in ('grad','step','zero_grad'))
        if 'grad' in needed and order.find('step')<order.find('grad'): raise CheckFailed(f"{came}; but a step had no gradients",
            "The step comes before backward(), so it has no gradients of this batch to go by.")
        if 'grad zero_grad step' in order: raise CheckFailed(f"{came}; but the steps had no gradients",
            "zero_grad stands between backward() and step(), and wipes the gradients before they are used.")

def batch_by_batch(f, net, batches, loss_func, *hyper):
    "The losses that `f` returns for the batches, and the parameters afterwards"
    notes,net,losses = Notes(),deepcopy(net),[]
    opt = notes.opt(notes.model(net).parameters(), *hyper)
    for xb,yb in batches:
        notes.clear()
        given = xb.clone(),yb.clone()
        loss = notes.during(bind(f, xb=given[0], yb=given[1], model=net, loss_func=notes.on('loss', loss_func), opt=opt), 'model')
        notes.need(f'a loss of {short(loss)}', 'model', 'loss', 'grad', 'step')
        if notes.count('step')>1: raise CheckFailed(f"{notes.count('step')} steps for one batch", "It calls step() more than once for a batch.")
        if not same(given, (xb,yb)): raise CheckFailed("a batch that isn't what it was",
            "It changes xb or yb in place. Leave what you are given as it is.")
        if loss is None: raise CheckFailed("nothing", "It returns nothing: is `return` missing?")
        if getattr(loss, 'requires_grad', False): raise CheckFailed("a loss that requires a gradient",
            "The loss that it returns still has the record of its whole computation, and whoever keeps it keeps that too. "
            "Return the bare number, or a tensor cut off from the record.")
        if not isinstance(number(loss), float): raise CheckFailed(short(loss), "What it returns isn't a number: it should be the loss of the batch.")
        losses.append(number(loss))
    return [tensor(losses), flat(net)]

def check_train_step(train_step):
    "Loss and parameters, one batch after the other"
    def trial(show, *args): return Trial(lambda f: batch_by_batch(f, *args), batch_by_batch(right, *args), show)
    def right(xb, yb, model, loss_func, opt, zero=True, after=False, swap=False, total=False, cut=lambda loss: loss):
        loss = cut(loss_func(yb, model(xb)) if swap else loss_func(model(xb), yb))
        loss.backward()
        opt.step()
        if zero: opt.zero_grad()
        return (loss_func(model(xb), yb) if after else loss).item()*(len(xb) if total else 1)
    def wrong(**how): return lambda xb, yb, model, loss_func, opt: right(xb, yb, model, loss_func, opt, **how)
    one = make(lambda: [nn.Linear(1, 1, bias=False)])
    with torch.no_grad(): one[0].weight.fill_(1.)
    small = [(tensor([[1.],[2.]]),tensor([[2.],[4.]]))]
    net = make(lambda: (nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 1)))
    batches = [(randn(n, 4, seed=n),(randn(n, 1, seed=20+n)>0).float()) for n in (8,8,3)]
    lost = "The loss has lost the record of its computation before backward(): through item, detach or no_grad. First the gradients, then the bare number."
    judge('train_step', train_step, [
        trial("the model w*x with w=1, xb = tensor([[1.],[2.]]), yb = tensor([[2.],[4.]]), mean squared error and lr=0.1: the loss returned, and w afterwards",
            one, small, F.mse_loss, 0.1),
        trial("the same batch twice: both losses, and w after the second step", one, small*2, F.mse_loss, 0.1),
        trial("three batches of 8, 8 and 3 items for a two-layer network, with momentum: the losses, and the parameters afterwards",
            net, batches, F.binary_cross_entropy_with_logits, 0.5, 0.9),
    ], [
        ("The gradients aren't set to zero between two batches, so the second step repeats the first.", wrong(zero=False)),
        ("The loss that it returns is computed anew after the step. That of before it is wanted.", wrong(after=True)),
        ("The loss function gets targets and predictions the wrong way round.", wrong(swap=True)),
        ("The loss is multiplied by the number of items. The loss function has taken the mean already; return just that.", wrong(total=True)),
        (lost, wrong(cut=lambda loss: loss.item())), (lost, wrong(cut=lambda loss: loss.detach())),
    ], "chapter 03, '`calc_grad`, and gradients that add up'; chapter 04, '`train_model`'")


# A Learner

Loaders = namedtuple('Loaders', 'train valid')

class Batches:
    "A loader that the learner hasn't seen: `bs` items at a time, in the order of the data"
    def __init__(self, x, y, bs, started): self.dataset,self.batches,self.bs,self.started = list(zip(x, y)),list(zip(x.split(bs), y.split(bs))),bs,started
    def __len__(self): return len(self.batches)
    def __iter__(self):
        self.started()
        return ((xb.clone(),yb.clone()) for xb,yb in self.batches)

class Loop:
    "A right learner in parts, of which each mistake replaces one"
    def __init__(self, dls, model, loss_func, opt_func, lr, metric):
        self.dls,self.model,self.loss_func,self.opt_func,self.lr,self.metric = dls,model,loss_func,opt_func,lr,metric
        self.new_opt()
    def new_opt(self): self.opt = self.opt_func(self.model.parameters(), self.lr)
    def fit(self, n): return [self.epoch() for _ in range(n)]
    def epoch(self):
        self.model.train()
        self.train(self.dls.train)
        return self.mean(self.scores())
    def train(self, dl):
        for xb,yb in dl: self.batch(xb, yb)
    def batch(self, xb, yb):
        self.backward(xb, yb)
        self.opt.step()
        self.opt.zero_grad()
    def backward(self, xb, yb): self.loss_func(self.model(xb), yb).backward()
    def mean(self, scores): return sum(m*n for m,n in scores)/sum(n for m,n in scores)
    def scores(self, mode=False):
        self.model.train(mode)
        with torch.no_grad(): return [(self.measure(self.model(xb), yb),len(xb)) for xb,yb in self.valid()]
    def measure(self, preds, yb): return self.metric(preds, yb).item()
    def valid(self): return self.dls.valid

def faulty(**parts): return mistake(Loop, **parts)

def recorded(learn, got, n):
    "The metric after each of `n` epochs, from what `fit` returned or from `recorder`"
    rows = getattr(learn, 'recorder', None) if got is None or got is learn else got
    if rows is None: raise CheckFailed("nothing", "Nothing is recorded: fit returns nothing (is `return` missing?), and there is no attribute `recorder`.")
    try: rows = list(rows)[-n:]
    except TypeError: raise CheckFailed(short(rows), "One number isn't enough: a list is wanted, with the metric after each epoch.")
    rows = [list(o.values()) if isinstance(o, dict) else o for o in rows]
    rows = [number(o[-1] if isinstance(o, (list,tuple)) and len(o) else o) for o in rows]
    if not all(isinstance(o, float) for o in rows): raise CheckFailed(short(rows),
        "What is recorded isn't numbers: the metric after each epoch is wanted.")
    return rows

BOTH = "It trains on the validation set as well."

def fitted(f, net, train, valid, lr, momentum=0., epochs=(1,)):
    "The metrics that a learner of `f` records, and the parameters that it leaves, after a `fit` for each number in `epochs`"
    notes,net = Notes(),deepcopy(net)
    dls = Loaders(Batches(*train, partial(notes.append, 'train')), Batches(*valid, partial(notes.append, 'valid')))
    def opt_func(params, lr):
        if isinstance(params, nn.Module): raise CheckFailed("opt_func, called with a model", "opt_func is to get the model's parameters, not the model.")
        notes.append('make')
        return notes.opt(params, lr, momentum)
    def metric(preds, yb):
        notes.append('tracked' if preds.requires_grad else 'metric')
        return (preds-yb).abs().mean()
    learn = bind(f, dls=dls, model=notes.model(net), loss_func=notes.on('loss', F.mse_loss), opt_func=opt_func, lr=lr, metric=metric)()
    if not callable(getattr(learn, 'fit', None)): raise CheckFailed(f"{short(learn)}, without a method `fit`",
        "It gives no learner: is `return` missing, or the method's name another?")
    metrics = [o for n in epochs for o in recorded(learn, notes.during(lambda: learn.fit(n), 'train', 'model'), n)]
    done,wanted = notes.count('grad'),len(dls.train)*sum(epochs)
    if 'tracked' in notes and done>wanted: raise CheckFailed(f"backward() {done} times, for {wanted} batches of dls.train", BOTH)
    came = f"metrics of {short(metrics)}"
    notes.need(came, 'train', 'make', 'model', 'loss', 'grad', 'step', 'valid')
    if 'tracked' in notes: raise CheckFailed("a validation that prepares for backward()",
        "While it validates, PyTorch records everything for gradients that nobody wants. Switch that off.")
    notes.need(came, 'metric')
    return [tensor(metrics), flat(net)]

def step_late(self, dl):
    for xb,yb in dl: self.backward(xb, yb)
    self.opt.step()
    self.opt.zero_grad()
def train_on_both(self):
    self.model.train()
    self.train(self.dls.train)
    res = self.mean(self.scores())
    self.train(self.dls.valid)
    return res
def swapped(self):
    self.model.train()
    self.train(self.dls.valid)
    return self.mean(self.scores())
def before(part, what):
    "A method that does `what` before it does what `part` of a right learner does"
    def method(self, *args):
        what(self)
        return getattr(Loop, part)(self, *args)
    return method
def never_train(self):
    self.train(self.dls.train)
    return self.mean(self.scores())
def train_once(self, n):
    self.model.train()
    return [never_train(self) for _ in range(n)]
def fit_once(self, n):
    res = Loop.fit(self, n)
    self.opt.params.clear()
    return res
def no_step(self, xb, yb, word):
    self.backward(xb, yb)
    getattr(self.opt_func, word)()

MODE_TRAIN = "model.train() is missing at the start of an epoch, and the model trains in the mode for validation."
MODE_EVAL = "model.eval() is missing before validation: layers such as BatchNorm then behave as in training, and learn from the validation set."
AS_OPT = "opt_func is used as if it were an optimizer. It makes one: call it with the parameters and the learning rate, and keep what it returns."
ANEW = "The optimizer is made anew {}, so it forgets what it keeps from step to step, such as the velocities of momentum."
NOT_VALID = "The training set is used to validate."
LEARNER_MISTAKES = [
    (MODE_EVAL, faulty(scores=lambda self: Loop.scores(self, True))),
    (MODE_EVAL, faulty(scores=lambda self: Loop.scores(self, self.model.training), epoch=never_train)),
    (MODE_TRAIN, faulty(epoch=never_train)), (MODE_TRAIN, faulty(fit=train_once)), (MODE_TRAIN,
        faulty(epoch=lambda self: (self.model.eval(),never_train(self))[1])),
    ("zero_grad is never called: the gradients of all batches pile up.", faulty(batch=lambda self,xb,yb: (self.backward(xb, yb),self.opt.step()))),
    ("The gradients are set to zero only once an epoch, and pile up in between.", faulty(
        batch=lambda self,xb,yb: (self.backward(xb, yb),self.opt.step()), train=lambda self,dl: (Loop.train(self, dl),self.opt.zero_grad()))),
    (ANEW.format("for every epoch"), faulty(epoch=before('epoch', Loop.new_opt))),
    (ANEW.format("for every batch"), faulty(batch=before('batch', Loop.new_opt))),
    ("It takes one step an epoch, not one a batch: the step stands after the loop.", faulty(train=step_late)),
    (NOT_VALID, faulty(valid=lambda self: self.dls.train)),
    ("Training and validation set are swapped.", faulty(epoch=swapped, valid=lambda self: self.dls.train)),
    (BOTH, faulty(epoch=train_on_both)),
    ("The mean of the batches' means is taken, and the items of a small last batch weigh too much. Weigh each batch by its number of items.",
        faulty(mean=lambda self,s: sum(m for m,n in s)/len(s))),
    ("The metric is that of the last batch only.", faulty(mean=lambda self,s: s[-1][0])),
    ("The metric is that of the first batch only.", faulty(mean=lambda self,s: s[0][0])),
    ("The metric is added up over the batches, and not divided.", faulty(mean=lambda self,s: sum(m for m,n in s))),
    ("The metric is added up over the items, and not divided by their number.", faulty(mean=lambda self,s: sum(m*n for m,n in s))),
    ("The loss is recorded, where the metric is wanted.",
        faulty(measure=lambda self,preds,yb: (self.metric(preds, yb),self.loss_func(preds, yb).item())[1])),
    ("It validates before it trains, so each number is one epoch old.", faulty(
        epoch=lambda self: (self.mean(self.scores()),self.model.train(),self.train(self.dls.train))[0])),
    ("Only the metric after the last epoch is recorded. One is wanted after each.", faulty(fit=lambda self,n: [Loop.epoch(self) for _ in range(n)][-1:])),
    ("It trains a single epoch, whatever it is told: is n unused, or `return` inside the loop?", faulty(fit=lambda self,n: [self.epoch()])),
    ("A second fit has no parameters left to train: the generator model.parameters() has run dry. Ask the model for them anew, or make a list.",
        faulty(fit=fit_once)),
    *[(f"The learning rate isn't the one that is given: it is {lr:g}, always. Is it written into the code, or a global of another cell?",
        faulty(new_opt=lambda self,lr=lr: setattr(self, 'opt', self.opt_func(self.model.parameters(), lr)))) for lr in (1.,0.1,0.01,0.001)],
    ("opt_func isn't given a learning rate.", faulty(new_opt=lambda self: self.opt_func(self.model.parameters()))),
    *[(AS_OPT, faulty(new_opt=lambda self: None, batch=lambda self,xb,yb,o=o: no_step(self, xb, yb, o))) for o in ('step','zero_grad')],
]

def check_MyLearner(MyLearner):
    "Recorded metrics and parameters of small networks"
    def trial(show, *args, **kwargs): return Trial(lambda f: fitted(f, *args, **kwargs), fitted(Loop, *args, **kwargs), show)
    one = make(lambda: [nn.Linear(1, 1, bias=False)])
    with torch.no_grad(): one[0].weight.zero_()
    col = lambda *v: tensor(v)[:,None]
    train,valid = (col(1.,2.),col(1.,0.),1),(col(1.,1.,3.),col(0.,0.,3.),2)
    def data(n, bs, seed): return randn(n, 3, seed=seed),randn(n, 1, seed=seed+50),bs
    net = make(lambda: (nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1)))
    normed = make(lambda: (nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 1)))
    gave = "the metrics recorded, and the parameters afterwards"
    judge('MyLearner', MyLearner, [
        trial("the model w*x with w=0, mean squared error, lr=0.25 and fit(1); to train, a batch x=1 with target 1, then x=2 with target 0; to validate, "
            f"a batch x=1, 1 with targets 0, 0, then x=3 with target 3; the metric is the mean distance: {gave}", one, train, valid, 0.25),
        trial(f"a two-layer network, 11 items in batches of 4, 5 to validate in batches of 4, an optimizer with momentum and fit(3): {gave}",
            net, data(11, 4, 1), data(5, 4, 2), 0.2, 0.9, (3,)),
        trial(f"fit(1) and then fit(2), without momentum: {gave}", net, data(9, 2, 3), data(7, 3, 4), 0.3, epochs=(1,2)),
        trial(f"a network with a BatchNorm layer, and fit(3): {gave}", normed, data(11, 4, 5), data(7, 5, 6), 0.05, 0.9, (3,)),
        trial(f"the same network, given in the mode for validation, and fit(2): {gave}", deepcopy(normed).eval(), data(10, 5, 7), data(8, 5, 8), 0.1,
            0.5, (2,)),
    ], LEARNER_MISTAKES, "chapter 05, '`BasicLearner`'; for exact means chapter 03, '`batch_accuracy` and `validate_epoch`'")


# 3s and 7s

def check_trained_net(trained_net):
    "More than 98% on the validation images, by the check's own count"
    from mnist_course.loss_functions import sample_xy
    (x,y),(valid_x,valid_y) = sample_xy('train'),sample_xy('test')
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(0))
    valid_x.requires_grad_() # whoever trains on these leaves a gradient
    goal = "more than 98%"
    def run(f):
        notes,valid_x.grad = Notes(),None
        dls = Loaders(Batches(x[order], y[order], 256, partial(notes.append, 'train')), Batches(valid_x, valid_y, 256, partial(notes.append, 'valid')))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            res = bind(f, dls=dls)()
        if res is None: raise CheckFailed("nothing", "It returns nothing: is `return` missing?")
        if not (isinstance(res, (tuple,list)) and len(res)==2 and callable(res[0])): raise CheckFailed(a_type(res),
            "Two things are to be returned: the network, and the list of accuracies.")
        net,accs = res[0],recorded(None, res[1], len(res[1]) if hasattr(res[1], '__len__') else 0)
        notes.need(f'accuracies of {short(accs)}', 'train', 'valid')
        if valid_x.grad is not None: raise CheckFailed("a network that has seen the validation images in training",
            "It trains on dls.valid. Those images are only for measuring.")
        if isinstance(net, nn.Module): net.eval()
        with torch.no_grad(): preds = net(valid_x)
        if preds.shape != valid_y.shape: raise CheckFailed(f"a network whose scores have shape {tuple(preds.shape)}",
            f"One score an image is wanted, {tuple(valid_y.shape)}: is it simple_net()?")
        if preds.min()>=0 and preds.max()<=1: raise CheckFailed(f"scores from {short(preds.min())} to {short(preds.max())}, none below 0",
            "The network's scores are all between 0 and 1: is there a sigmoid at its end? mnist_loss has one already, and batch_accuracy compares scores with 0.")
        right = ((preds>0)==valid_y).float().mean().item()
        came = f"{right:.1%} right, and {short(accs)} recorded"
        if not accs: raise CheckFailed(came, "Nothing is recorded: the list is empty.")
        if abs(accs[-1]-right) > 0.002: cause = ("The last accuracy in the list isn't that of the network on dls.valid. "
            "Is it another network than the one that was trained, or another metric or data set?")
        elif right > 0.98: return goal
        elif preds.abs().median()>100 and right<0.6: cause = "The scores are enormous, so far out on the sigmoid that there is no slope any more: is the learning rate much too large?"
        elif len(accs)>1 and max(accs)==min(accs): cause = "The accuracy is the same after every epoch, so the weights don't move. Has the optimizer this network's parameters?"
        elif right < 0.6: cause = "That is no better than a guess: is the learning rate much too small, or the direction wrong?"
        else: cause = ("It learns, but not enough: train for more epochs, with a larger learning rate, or with momentum. With momentum 0.9, ten epochs will do. "
            "(And if more epochs don't help, look whether the gradients are zeroed.)")
        raise CheckFailed(came, cause)
    read = "chapter 05, '`BasicLearner`' and 'Forty epochs'"
    if not callable(trained_net): fail('trained_net', f"what was given is {short(trained_net)}, no function",
        "Pass the function itself: check_trained_net(trained_net).", read)
    result = attempt(Trial(run, goal, '', limit=10.), trained_net)
    if result!=goal: fail('trained_net',
        f"for loaders with all 3s and 7s of the course, in batches of 256\nit gave  {short(result)}\nexpected {goal}", result.cause, read)
    print("trained_net: all well")
