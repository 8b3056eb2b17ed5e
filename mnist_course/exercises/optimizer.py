"Assignment 3: your own optimizer and Learner"
from collections import namedtuple
from copy import deepcopy
from functools import partial
from types import SimpleNamespace

import torch
from torch import nn,tensor
from torch.nn import functional as F

from .core import CheckFailed,Trial,a_type,bind,judge,number,same,short
from .families import BATCH_MEANS,OVER_BATCHES
from .inputs import normal
from .stages import chains,stage
from .whole import Training,counted,trained,why_weak

__all__ = ['check_MyOptim', 'check_train_step', 'check_Momentum', 'check_MyLearner', 'check_trained_net']

def make(*layers, seed=0):
    "A network of the layers that these functions give, the same each time; the notebook's chance isn't touched"
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return nn.Sequential(*(o() for o in layers))

def flat(net): return torch.cat([p.detach().flatten().clone() for p in net.parameters()])
def always(value): return lambda *_: value
def nothing(*_): pass
def parts(stages, forms):
    "The functions of a chain: `forms` by the names of their stages, and the right ones elsewhere"
    return SimpleNamespace(**{name: o[0].do for name,o in stages.items()} | forms)


# An optimizer, as a chain

class Optimizer:
    "Gradient descent with momentum in parts; all optimizers of a chain have one `memory`, as a class has attributes"
    def __init__(self, do, memory, params, lr, momentum=0.):
        self.do,self.memory,self.lr,self.momentum = do,memory,lr,momentum
        self.params,self.v,self.old = do.store(params, memory),{},{}
        memory['lr'] = lr
    def step(self):
        with torch.no_grad():
            for p in self.do.reach(self.params): self.do.guard(self, p)
    def zero_grad(self, set_to_none=False):
        for p in self.do.cleared(self.params): self.do.clear(self, p)
    def update(self, p):
        self.old[p] = self.velocity(p)
        self.do.update(self, p)
    def velocity(self, p): return self.v[p] if p in self.v else torch.zeros_like(p)
    def mix(self, p, v): return self.do.mix(v, self.do.gradient(p.grad), self.do.slow(self))
    def move(self, p): self.do.move(p, self.do.sign(self.do.rate(self)*self.do.use(self, p)))

def used_up(params, memory): return list(params)[:0] if iter(params) is params else list(params)
def shared(params, memory):
    memory.setdefault('params', []).extend(params)
    return memory['params']
STORE = stage(lambda params,memory: list(params),
    ("A generator has run dry: model.parameters() can be gone over only once. Make a list of it first, and use that.",
        lambda params,memory: params, used_up),
    ("All optimizers share one list of parameters, as an attribute of the class. It belongs into self.", shared))
REACH = stage(lambda params: params,
    ("Only the first parameter moves: does the loop return or break after it?", lambda params: list(params)[:1],
        lambda params: [p for p in params if p.grad is not None][:1]),
    ("Only the last parameter moves: does the step stand behind the loop?", lambda params: list(params)[-1:]),
    ("The last parameter never moves: is there a slice that leaves it out?", lambda params: list(params)[:-1]),
    ("The first parameter never moves: is there a slice that leaves it out?", lambda params: list(params)[1:]))

def unguarded(o, p):
    o.update(p)
    o.move(p)
def guarded(o, p):
    if p.grad is not None: unguarded(o, p)
def coast(o, p):
    if p.grad is None: p.grad = torch.zeros_like(p)
    unguarded(o, p)
def glide(o, p):
    if p.grad is not None: o.update(p)
    o.move(p)
def fade(o, p):
    if p.grad is None: o.v[p] = o.momentum*o.velocity(p)
    guarded(o, p)
NO_GRAD = "It stumbles over a parameter without a gradient (its `.grad` is None). Leave such a parameter alone."
GUARD = stage(guarded, (NO_GRAD, unguarded))
GRADIENT = stage(lambda g: g, ("Only the gradient's sign is used: its size is missing.", torch.sign),
    ("The mean of a gradient moves all its items. Each item has a slope of its own.", torch.mean))
FIXED = "The learning rate isn't the one that is given: it is {:g}, always. Is it in the code, or a global?"
FIXED_RATES = [(FIXED.format(lr), always(lr)) for lr in (1.,0.1,0.01,0.001)]
RATE = stage(lambda o: o.lr, *FIXED_RATES,
    ("All optimizers share one learning rate, that of the last one: keep it in self.", lambda o: o.memory['lr']),
    ("It multiplies by the learning rate twice.", lambda o: o.lr**2),
    ("It divides by the learning rate, where it should multiply.", lambda o: 1/o.lr))
SIGN = stage(lambda o: -o, ("It walks uphill: the gradient is added where it is to be subtracted.", lambda o: o))
def in_graph(p, change):
    with torch.enable_grad(): p += change
MOVE = stage(lambda p,change: p.add_(change),
    ("No parameter moves. Does `p = …` give a new tensor the old name? Change the old tensor in place.", nothing),
    ("The step is inside the graph: PyTorch would record it as part of the loss. Tell it not to.", in_graph),
    ("The parameter becomes the step alone, where it should be moved by it.", lambda p,change: p.copy_(change)))
def wipe(o, p):
    if p.grad is not None: p.grad.zero_()
def wipe_velocity(o, p):
    wipe(o, p)
    o.v[p] = torch.zeros_like(p)
CLEAR = stage(wipe, (NO_GRAD, lambda o,p: p.grad.zero_()),
    ("A gradient can be a tensor or None, and not a number: zero is no tensor of zeros.",
        lambda o,p: setattr(p, 'grad', 0), lambda o,p: setattr(p, 'grad', 0.)),
    ("zero_grad does nothing to the gradients, so each backward() adds to the old ones.", nothing),
    ("zero_grad sets the parameters to zero; it is their gradients that are to go.", lambda o,p: p.data.zero_()))
CLEARED = stage(lambda params: params,
    ("zero_grad clears the first gradient only: does its loop return or break?", lambda params: list(params)[:1]))
ALONG = stage(lambda o,p: o.velocity(p),
    ("It moves by a share of the parameter itself. The step goes along the gradient.", lambda o,p: p.detach().clone()))
OPTIM = dict(store=STORE, reach=REACH, guard=GUARD, gradient=GRADIENT, rate=RATE, sign=SIGN, move=MOVE, clear=CLEAR,
    cleared=CLEARED, use=ALONG)

MIX = stage(lambda v,g,m: m*v + g,
    ("There is no memory: every step is a plain one. Does the velocity start anew in each step, or is it never used?",
        lambda v,g,m: g),
    ("The gradient is weighted with 1-momentum. Here all of it is to be added.", lambda v,g,m: m*v + (1-m)*g),
    ("Momentum multiplies velocity and gradient together. It is for the velocity only.", lambda v,g,m: m*(v+g)),
    ("Momentum is the weight of the gradient, and 1-momentum that of the velocity: momentum*velocity + gradient is "
        "wanted.", lambda v,g,m: (1-m)*v + m*g),
    ("The old velocity is multiplied by 1-momentum, where momentum is wanted.", lambda v,g,m: (1-m)*v + g))
SLOW = stage(lambda o: o.momentum,
    *((f"The momentum isn't the one that is given: it is {m:g}, always.", always(m)) for m in (0.9,0.5,0.99)),
    ("The velocity isn't slowed down: it grows by each gradient, and momentum isn't used.", always(1.)))
def own_velocity(o, p): o.v[p] = o.mix(p, o.velocity(p))
def unset(o, p): o.v[p] = o.mix(p, o.v[p])
def one_for_all(o, p): o.v[p] = o.v[0] = o.mix(p, o.v.get(0, 0.))
def alias(o, p): o.v[p] = o.mix(p, o.v[p]) if p in o.v else p.grad
def alias_in_place(o, p): o.v[p] = o.v[p].mul_(o.do.slow(o)).add_(p.grad) if p in o.v else p.grad
NO_VELOCITY = "A velocity is read before it was ever set: in the first step there is none yet. Each starts at 0."
ALIAS = ("The velocity begins as the gradient's own tensor, not as a copy of it: what changes the gradient in place, "
    "such as zero_grad or backward, changes the velocity.")
UPDATE = stage(own_velocity, (NO_VELOCITY, unset),
    (ALIAS, alias, alias_in_place),
    ("One velocity is shared by all parameters. Each needs its own.", one_for_all))
USE = stage(ALONG,
    ("It moves by the old velocity, and adds the gradient only afterwards.", lambda o,p: o.old[p]),
    ("This is Nesterov's variant, with gradient and velocity added once more. Move by the velocity itself.",
        lambda o,p: p.grad + o.momentum*o.v[p]))
LEFT_ALONE = stage(GUARD,
    ("A parameter that has no gradient still moves, by its old velocity. It's to be left alone.", coast, glide),
    ("The velocity of a parameter that has no gradient fades. It's to be left alone.", fade))
def to_none(o, p): p.grad = None
CLEAR_ONLY = stage(CLEAR,
    ("zero_grad wipes the velocities, too. Only gradients are to go: the velocities are the memory.", wipe_velocity))
MOMENTUM = OPTIM | dict(guard=LEFT_ALONE, clear=CLEAR_ONLY, slow=SLOW, mix=MIX, update=UPDATE, use=USE)
ALIASES = MOMENTUM | dict(clear=stage(to_none), update=stage((ALIAS, alias, alias_in_place)))

def optimizer_of(**forms):
    "What makes optimizers of these forms, and of the right ones in all other stages"
    return partial(Optimizer, parts(MOMENTUM, forms), {})

Plain = optimizer_of()


# Trials of an optimizer

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

UNSEEN = "It never looks at the parameters that it is given, but takes others, from a global. Use the argument."

def careful(method, params, given=(), first=False):
    "Call `step` or `zero_grad`; an error on the way is explained where that is possible"
    try: method()
    except (TypeError,AttributeError,LookupError) as e:
        none,unseen = 'NoneType' in str(e),isinstance(given, Params) and not given.seen
        if unseen: raise CheckFailed(f"{type(e).__name__}: {e}", UNSEEN) from e
        if none and any(p.grad is None for p in params):
            raise CheckFailed("an error where a gradient is None", NO_GRAD) from e
        if first and (none or 'has no attribute' in str(e) or isinstance(e, LookupError)):
            raise CheckFailed("an error in the first step", NO_VELOCITY) from e
        raise

def walk(f, start, rows, given=Params, clears=True, **hyper):
    """The parameters from `start` after an optimizer of `f` has gone through `rows`: a gradient for each, or None

    For a row there is a `backward`, which adds to what is there, a `step` and, if it `clears`, a `zero_grad`. `given`
    makes what the parameters are handed over in."""
    params = [o.clone().requires_grad_() for o in start]
    handed = given(params)
    opt = optimizer(f, handed, **hyper)
    for i,row in enumerate(rows):
        for p,g in zip(params, row):
            if g is None: p.grad = None
            else: (p*g).sum().backward()
        careful(opt.step, params, handed, first='momentum' in hyper and not i)
        if clears: careful(opt.zero_grad, params, handed)
    if isinstance(handed, Params) and not handed.seen:
        raise CheckFailed("parameters that nobody has looked at", UNSEEN)
    if not all(p.is_leaf and p.requires_grad for p in params):
        raise CheckFailed("a parameter that no longer requires a gradient",
            "It takes the parameter out of training: after a step it still has to be a leaf that requires a gradient.")
    return [p.detach().clone() for p in params]

def twice(f, *args, **hyper):
    "`walk`, done twice: a new optimizer must know nothing of an older one"
    first,second = (walk(f, *args, **hyper) for _ in range(2))
    if same(first, second): return first
    raise CheckFailed(f"{short(first)} from one optimizer, and {short(second)} from a second one that does the same",
        "It remembers something from one optimizer to the next: is a list or dict shared by all, as an attribute of "
        "the class or a default argument?")

def side_by_side(f, **hyper):
    "Two parameters after two steps of an optimizer each, with learning rates 0.1 and 0.5"
    params = [tensor([1.,2.]).requires_grad_() for _ in range(2)]
    opts = [optimizer(f, [p], lr=lr, **hyper) for p,lr in zip(params, (0.1,0.5))]
    for g in (1.,-3.):
        for p in params: (p*g).sum().backward()
        for method in ('step','zero_grad'):
            for opt in opts: careful(getattr(opt, method), params)
    return [p.detach() for p in params]

def optim_trials(**hyper):
    "Trials of an optimizer, with momentum or without"
    def trial(run, show, *args, how=None, **kwargs):
        kwargs = {**hyper, **kwargs}
        hypers = ''.join(f', {k}={v:g}' for k,v in kwargs.items())
        kwargs |= how or {}
        return Trial(lambda f: run(f, *args, **kwargs), run(Plain, *args, **kwargs), show+hypers)
    p,g,h = tensor([1.,2.]),tensor([0.5,-1.]),tensor([1.,1.])
    one,two = "a parameter tensor([1., 2.])","with gradients tensor([0.5, -1.]) and then tensor([1., 1.])"
    several = [normal(2), normal(3, 2, seed=1), normal(1, seed=2)]
    rows = [[normal(*o.shape, seed=10*i+j) if i and (i,j) not in [(1,1),(3,0)] else None for j,o in enumerate(several)]
        for i in range(5)]
    res = [trial(twice, f"{one} with gradient tensor([0.5, -1.]), after one step()", [p], [[g]], lr=0.1),
        trial(walk, f"{one} after two steps, {two}, and zero_grad() after each", [p], [[g],[h]], lr=0.5)]
    if hyper: res += [
        trial(walk, f"{one} after three steps, {two} and then tensor([0.5, -1.])", [p], [[g],[h],[g]], lr=0.1,
            momentum=0.5),
        trial(walk, f"two parameters tensor([1., 2.]), {two}, and the other way round, after two steps without a "
            "zero_grad()", [p,p], [[g,h],[h,g]], lr=0.1, momentum=0.5, how=dict(clears=False))]
    return res + [
        trial(walk, f"two parameters tensor([1., 2.]) from a generator, {two}, and the other way round, after two",
            [p,p], [[g,h],[h,g]], lr=0.1, how=dict(given=iter)),
        trial(walk, f"{one} after two steps, with gradient tensor([0.5, -1.]) and then without any", [p], [[g],[None]],
            lr=0.1),
        trial(walk, "three parameters that a generator hands out, after five steps; now and then one has no gradient",
            several, rows, lr=0.1, how=dict(given=iter)),
        trial(side_by_side, "two optimizers at a time, with learning rates of 0.1 and 0.5, after two steps")]

def check_MyOptim(MyOptim):
    "Steps equal to those of torch.optim.SGD"
    judge('MyOptim', MyOptim, optim_trials(), chains(optimizer_of, OPTIM),
        "chapter 04, '`BasicOptim`' and 'Three mistakes, and how they look'")

def check_Momentum(Momentum):
    "Steps equal to those of torch.optim.SGD with momentum"
    judge('Momentum', Momentum, optim_trials(momentum=0.9),
        [*chains(optimizer_of, MOMENTUM), *chains(optimizer_of, ALIASES)],
        "this exercise's text; chapter 04, '`BasicOptim`' and 'Three mistakes, and how they look'")


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
EARLY = "The step comes before backward(), so it has no gradients of this batch to go by."
BETWEEN = "zero_grad stands between backward() and step(), and wipes the gradients before they are used."
PILE_UP = "zero_grad is never called: the gradients aren't set to zero between two batches, and pile up."

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
        "What `call` returns; where shapes don't fit and something needed was never touched, another got in"
        try: return call()
        except RuntimeError as e:
            missing = [FAULTS[o] for o in needed if o not in self]
            if missing and 'shapes' in str(e): raise CheckFailed(f"RuntimeError: {e}", missing[0]) from e
            raise
    def need(self, came, *needed):
        "Fail if something needed wasn't done, or not in the right order; `came` is what the learner's code gave"
        for o in needed:
            if o not in self: raise CheckFailed(f"{came}; but a part of the training was left out", FAULTS[o])
        order = ' '.join(o for o in self if o in ('grad','step','zero_grad'))
        if 'grad' in needed and order.find('step')<order.find('grad'):
            raise CheckFailed(f"{came}; but a step had no gradients", EARLY)
        if 'grad zero_grad step' in order: raise CheckFailed(f"{came}; but the steps had no gradients", BETWEEN)
    def learned_from(self, loader):
        "Did backward come after a batch of this loader?"
        last = None
        for o in self:
            if o in ('train','valid'): last = o
            if o=='grad' and last==loader: return True
        return False

def bare(loss):
    "The float of a loss that is returned"
    if loss is None: raise CheckFailed("nothing", "It returns nothing: is `return` missing?")
    if getattr(loss, 'requires_grad', False): raise CheckFailed("a loss that requires a gradient",
        "The loss that it returns still has the record of its computation, for gradients, and whoever keeps it keeps "
        "that too. Return the bare number, or a tensor cut off from the record.")
    if isinstance(number(loss), float): return number(loss)
    raise CheckFailed(short(loss), "What it returns isn't a number: it should be the loss of the batch.")

def batch_by_batch(f, net, batches, loss_func, *hyper):
    "The losses that `f` returns for the batches, and the parameters afterwards"
    notes,net,losses = Notes(),deepcopy(net),[]
    opt = notes.opt(notes.model(net).parameters(), *hyper)
    for batch in batches:
        notes.clear()
        xb,yb = (o.clone() for o in batch)
        loss = notes.during(bind(f, xb=xb, yb=yb, model=net, loss_func=notes.on('loss', loss_func), opt=opt), 'model')
        notes.need(f'a loss of {short(loss)}', 'model', 'loss', 'grad', 'step')
        if notes.count('step')>1:
            raise CheckFailed(f"{notes.count('step')} steps for a batch", "It calls step() more than once a batch.")
        if not same((xb,yb), batch):
            raise CheckFailed("a batch that isn't what it was", "It changes xb or yb in place. Leave them alone.")
        losses.append(bare(loss))
    return [tensor(losses), flat(net)]

MEASURE = stage(lambda f,preds,yb: f(preds, yb),
    ("The loss gets targets and predictions exchanged.", lambda f,preds,yb: f(yb, preds)))
AGAIN = "The gradients count double: backward() is called again for the same loss."
ORDER = stage('backward step zero_grad', (AGAIN, 'backward backward step zero_grad'),
    (PILE_UP, 'backward step'), (BETWEEN, 'backward zero_grad step'), (EARLY, 'step zero_grad backward'))
DIVIDED = "The loss function has taken the mean already; return just that."
STEP = dict(measure=MEASURE, order=ORDER,
    cut=stage(lambda loss: loss, ("The loss has lost the record of its computation before backward(): through item, "
        "detach or no_grad. First the gradients, then the bare number.", torch.Tensor.item, torch.Tensor.detach)),
    answer=stage(lambda before,after,n: before,
        ("The loss is computed anew after the step. That of before it is wanted.", lambda before,after,n: after()),
        (f"The loss is multiplied by the number of items. {DIVIDED}", lambda before,after,n: before*n),
        (f"The loss is divided by the number of items. {DIVIDED}", lambda before,after,n: before/n)))

def do_all(words, loss, opt):
    "What these words say, in order"
    methods = dict(backward=partial(loss.backward, retain_graph=True), step=opt.step, zero_grad=opt.zero_grad)
    for o in words.split(): methods[o]()

def step_of(**forms):
    "A training step of these forms"
    do = parts(STEP, forms)
    def train_step(xb, yb, model, loss_func, opt):
        def measured(): return do.measure(loss_func, model(xb), yb)
        loss = do.cut(measured())
        do_all(do.order, loss, opt)
        return do.answer(loss.item(), lambda: measured().item(), len(xb))
    return train_step

def check_train_step(train_step):
    "Loss and parameters, one batch after the other"
    def trial(show, *args):
        return Trial(lambda f: batch_by_batch(f, *args), batch_by_batch(step_of(), *args), show)
    one = make(partial(nn.Linear, 1, 1, bias=False))
    net = make(partial(nn.Linear, 4, 3), nn.ReLU, partial(nn.Linear, 3, 1))
    nn.init.ones_(one[0].weight)
    small = [(tensor([[1.],[2.]]),tensor([[2.],[4.]]))]
    batches = [(normal(n, 4, seed=n),(normal(n, 1, seed=20+n)>0).float()) for n in (8,8,3)]
    judge('train_step', train_step, [
        trial("the model w*x with w=1, xb = tensor([[1.],[2.]]), yb = tensor([[2.],[4.]]), mean squared error and "
            "lr=0.1: the loss returned, and w afterwards", one, small, F.mse_loss, 0.1),
        trial("the same batch twice: both losses, and w after the second step", one, small*2, F.mse_loss, 0.1),
        trial("three batches of 8, 8 and 3 items for a two-layer network, with momentum: the losses, and the "
            "parameters afterwards", net, batches, F.binary_cross_entropy_with_logits, 0.5, 0.9),
    ], chains(step_of, STEP), "chapter 03, '`calc_grad`, and gradients that add up'; chapter 04, '`train_model`'")


# A Learner

Loaders = namedtuple('Loaders', 'train valid')

class Batches:
    "A loader that the learner hasn't seen: `bs` items at a time, in the order of the data"
    def __init__(self, x, y, bs, started):
        self.dataset,self.batches = list(zip(x, y)),list(zip(x.split(bs), y.split(bs)))
        self.bs,self.batch_size,self.started = bs,bs,started
    def __len__(self): return len(self.batches)
    def __iter__(self):
        self.started()
        return ((xb.clone(),yb.clone()) for xb,yb in self.batches)

class Loop:
    "A learner in parts"
    def __init__(self, do, dls, model, loss_func, opt_func, lr, metric):
        self.do,self.dls,self.model,self.loss_func,self.opt_func,self.metric = do,dls,model,loss_func,opt_func,metric
        self.lr = do.rate(lr)
        self.begin(do.anew)
    def begin(self, moment):
        if moment==self.do.anew: self.opt = self.opt_func(self.model.parameters(), self.lr)
    def fit(self, n):
        self.fresh = True
        return self.do.fit(self, n)
    def epoch(self):
        self.begin('epoch')
        return self.do.epoch(self)
    def train(self):
        self.do.mode(self)
        self.fresh = False
        each,_,last = self.do.order.partition('|')
        for xb,yb in self.do.train_on(self.dls):
            self.begin('batch')
            loss = self.do.measure(self.loss_func, self.model(xb), yb)
            do_all(each, loss, self.opt)
        do_all(last, loss, self.opt)
    def score(self):
        self.do.using(self)
        with torch.no_grad():
            got = [(self.do.record(self, self.model(xb), yb).item(),len(xb)) for xb,yb in self.do.valid_on(self.dls)]
        return self.do.over(self.do.which(got))

def every_epoch(o, n): return [o.epoch() for _ in range(n)]
def dry(o, n):
    res = every_epoch(o, n)
    o.opt.params.clear()
    return res
def train_first(o):
    o.train()
    return o.score()
def score_first(o):
    res = o.score()
    o.train()
    return res
def once(o):
    if o.fresh: o.model.train()
def loss_instead(o, preds, yb):
    o.metric(preds, yb)
    return o.loss_func(preds, yb)
ANEW = "The optimizer is made anew for every {}, so it forgets what it keeps from step to step, such as velocities."
LEARNER = BATCH_MEANS | dict(
    over=[o for o in OVER_BATCHES if not o.wrong.startswith('It returns')], # here it is not returned
    anew=stage('never', (ANEW.format('epoch'), 'epoch'), (ANEW.format('batch'), 'batch')),
    rate=stage(lambda lr: lr, *FIXED_RATES),
    fit=stage(every_epoch,
        ("Only the metric after the last epoch is recorded, and not after each.", lambda o,n: every_epoch(o, n)[-1:]),
        ("It trains a single epoch: is n unused, or `return` inside the loop?", lambda o,n: [o.epoch()]),
        ("A second fit has nothing to train: the generator model.parameters() has run dry. Make a list of it.", dry)),
    epoch=stage(train_first, ("It validates before it trains, so each number is one epoch old.", score_first)),
    mode=stage(lambda o: o.model.train(), ("model.train() is missing at the start of an epoch, and the model trains "
        "in the mode for validation.", nothing, once, lambda o: o.model.eval())),
    train_on=stage(lambda dls: dls.train, ("It trains on dls.valid, not on dls.train.", lambda dls: dls.valid)),
    measure=MEASURE,
    order=stage(ORDER,
        ("The gradients are set to zero only once an epoch, and pile up in between.", 'backward step|zero_grad'),
        ("It takes one step an epoch, not one a batch: does it stand after the loop?", 'backward|step zero_grad')),
    using=stage(lambda o: o.model.eval(), ("model.eval() is missing before validation: layers such as BatchNorm then "
        "behave as in training, and learn from the validation set.", nothing)),
    valid_on=stage(lambda dls: dls.valid, ("The training set is used to validate.", lambda dls: dls.train)),
    record=stage(lambda o,preds,yb: o.metric(preds, yb), ("The loss is recorded, not the metric.", loss_instead),
        ("The metric gets targets and predictions exchanged.", lambda o,preds,yb: o.metric(yb, preds))))

def learner_of(**forms):
    "What makes learners of these forms"
    return partial(Loop, parts(LEARNER, forms))

def recorded(learn, got, n):
    "The metric after each of `n` epochs, from what `fit` returned or from `recorder`"
    rows = getattr(learn, 'recorder', None) if got is None or got is learn else got
    if rows is None: raise CheckFailed("nothing",
        "Nothing is recorded: fit returns nothing (is `return` missing?), and there is no attribute `recorder`.")
    if not hasattr(rows, '__iter__') or getattr(rows, 'ndim', 1)==0: raise CheckFailed(short(rows),
        "One number isn't enough: a list is wanted, with the metric after each epoch.")
    rows = [list(o.values()) if isinstance(o, dict) else o for o in list(rows)[-n:]]
    rows = [number(o[-1] if isinstance(o, (list,tuple)) and len(o) else o) for o in rows]
    if not all(isinstance(o, float) for o in rows): raise CheckFailed(short(rows),
        "What is recorded isn't numbers: the metric after each epoch is wanted.")
    return rows

def opt_func_of(notes, momentum):
    "What makes optimizers, and says so where it is used in another way"
    def opt_func(params, lr=None):
        if isinstance(params, nn.Module):
            raise CheckFailed("opt_func, called with a model", "opt_func gets the model's parameters, not the model.")
        if lr is None: raise CheckFailed("opt_func, called without a rate", "opt_func isn't given a learning rate.")
        notes.append('make')
        return notes.opt(params, lr, momentum)
    def misused(*args, **kwargs):
        raise CheckFailed("a step of opt_func itself", "opt_func is used as if it were an optimizer. It makes one: "
            "call it with the parameters and the learning rate, and keep what it returns.")
    opt_func.step = opt_func.zero_grad = misused
    return opt_func

def distance(preds, yb): return (preds-yb).abs().mean()
def costly_below(preds, yb):
    "A squared distance that counts twice where a prediction is too low"
    return (torch.where(preds<yb, 2., 1.)*(preds-yb).square()).mean()

def fitted(f, net, train, valid, lr, momentum=0., epochs=(1,), loss_func=F.mse_loss, metric=distance):
    "The metrics that a learner of `f` records, and the parameters that it leaves, after a `fit` for each of `epochs`"
    notes,net = Notes(),deepcopy(net)
    dls = Loaders(*(Batches(*o, partial(notes.append, word)) for word,o in (('train',train),('valid',valid))))
    def noted_metric(preds, yb):
        notes.append('tracked' if preds.requires_grad or yb.requires_grad else 'metric')
        return metric(preds, yb)
    learn = bind(f, dls=dls, model=notes.model(net), loss_func=notes.on('loss', loss_func),
        opt_func=opt_func_of(notes, momentum), lr=lr, metric=noted_metric)()
    if not callable(getattr(learn, 'fit', None)): raise CheckFailed(f"{short(learn)}, without a method `fit`",
        "It gives no learner: is `return` missing, or the method's name another?")
    metrics = [o for n in epochs for o in recorded(learn, notes.during(partial(learn.fit, n), 'train', 'model'), n)]
    done,wanted = notes.count('grad'),len(dls.train)*sum(epochs)
    if done>wanted and notes.learned_from('valid'):
        raise CheckFailed(f"backward() {done} times, for {wanted} batches", "It trains on the validation set as well.")
    came = f"metrics of {short(metrics)}"
    notes.need(came, 'train', 'make', 'model', 'loss', 'grad', 'step', 'valid')
    if 'tracked' in notes: raise CheckFailed("a validation that prepares for backward()",
        "While it validates, PyTorch records everything for gradients that nobody wants. Switch that off.")
    notes.need(came, 'metric')
    return [tensor(metrics), flat(net)]

def check_MyLearner(MyLearner):
    "Recorded metrics and parameters of small networks"
    def trial(show, *args, **kwargs):
        return Trial(lambda f: fitted(f, *args, **kwargs), fitted(learner_of(), *args, **kwargs),
            f"{show}: the metrics recorded, and the parameters afterwards")
    def data(n, bs, seed): return normal(n, 3, seed=seed),normal(n, 1, seed=seed+50),bs
    one,first,last = make(partial(nn.Linear, 1, 1, bias=False)),partial(nn.Linear, 3, 4),partial(nn.Linear, 4, 1)
    nn.init.zeros_(one[0].weight)
    train = tensor([[1.],[2.]]),tensor([[1.],[0.]]),1
    valid = tensor([[1.],[1.],[3.]]),tensor([[0.],[0.],[3.]]),2
    net,normed = make(first, nn.Tanh, last),make(partial(first, bias=False), partial(nn.BatchNorm1d, 4), nn.ReLU, last)
    judge('MyLearner', MyLearner, [
        trial("the model w*x with w=0, mean squared error, lr=0.25 and fit(1); to train, a batch x=1 with target 1, "
            "then x=2 with target 0; to validate, a batch x=1, 1 with targets 0, 0, then x=3 with target 3; the "
            "metric is the mean distance", one, train, valid, 0.25),
        trial("a two-layer network, 11 items in batches of 4, 5 to validate in batches of 4, an optimizer with "
            "momentum and fit(3)", net, data(11, 4, 1), data(5, 4, 2), 0.2, 0.9, (3,)),
        trial("fit(1) and then fit(2), without momentum; loss and metric are a squared distance that counts twice "
            "where a prediction is too low", net, data(9, 2, 3), data(7, 3, 4), 0.1, epochs=(1,2),
            loss_func=costly_below, metric=costly_below),
        trial("a network with a BatchNorm layer, given in the mode for validation, and fit(2)",
            deepcopy(normed).eval(), data(10, 5, 7), data(10, 5, 8), 0.1, 0.5, (2,)),
        trial("the same network, given in the mode for training", normed, data(11, 4, 5), data(7, 5, 6), 0.05, 0.9,
            (2,)),
    ], chains(learner_of, LEARNER),
        "chapter 05, '`BasicLearner`'; for exact means chapter 03, '`batch_accuracy` and `validate_epoch`'")


# 3s and 7s

NEAR = 0.002 # So far may an accuracy be off that is reported
MORE = ("It learns, but not enough: train for more epochs, with a larger learning rate, or with momentum. With "
    "momentum 0.9, ten epochs will do.")

def check_trained_net(trained_net):
    "More than 98% on the validation images, by the check's own count"
    from ..loss_functions import sample_xy
    (x,y),(valid_x,valid_y),goal = sample_xy('train'),sample_xy('test'),"more than 98%"
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(0))
    valid_x.requires_grad_() # whoever trains on these leaves a gradient
    def run(f):
        notes,valid_x.grad = Notes(),None
        dls = Loaders(*(Batches(*o, 256, partial(notes.append, word))
            for word,o in (('train',(x[order],y[order])),('valid',(valid_x,valid_y)))))
        res,steps = trained(f, dls=dls)
        if res is None: return
        if not (isinstance(res, (tuple,list)) and len(res)==2 and callable(res[0])):
            raise CheckFailed(a_type(res), "Two things are to be returned: the network, and the list of accuracies.")
        net,accs = res[0],recorded(None, res[1], len(res[1]) if hasattr(res[1], '__len__') else 0)
        notes.need(f'accuracies of {short(accs)}', 'train', 'valid')
        if valid_x.grad is not None: raise CheckFailed("a network that has seen the validation images in training",
            "It trains on dls.valid. Those images are only for measuring.")
        right,scores = counted(net, valid_x, valid_y)
        came = f"{right:.1%} right, and {short(accs)} recorded"
        if not accs: raise CheckFailed(came, "Nothing is recorded: the list is empty.")
        if abs(accs[-1]-right) > NEAR: raise CheckFailed(came, "The last accuracy in the list isn't that of the "
            "network on dls.valid. Is it another network than the one that was trained, or another metric or data?")
        if right<=0.98: raise CheckFailed(came, why_weak(Training(steps, net, valid_x, scores, right), MORE))
        return goal
    judge('trained_net', trained_net, [Trial(run, goal, "loaders with all 3s and 7s, in batches of 256", limit=10.)],
        read="chapter 05, '`BasicLearner`' and 'Forty epochs'")
