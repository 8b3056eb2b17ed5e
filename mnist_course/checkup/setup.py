"A training set-up: its parts, as they were given, and what a look at them shows"
from dataclasses import dataclass,field
from typing import Any,Callable

import torch
from fastcore.foundation import L
from torch import nn
from torch.nn.parameter import UninitializedParameter

from . import questions
from .probes import Probe,as_classes,hint,number
from .reader import Reader,is_item,length,split
from .report import Fault
from .restore import unchanged

LOOKED_AT,TRAINED_ON = 128,64 # So many items are predicted, and computed with a gradient
LOUD = 30                     # Inputs so many times as large show what the last function of a model is
LEVELS = [-20,-10,-5,-3,-2,-1.5,-1,-0.5,0,0.5,1,1.5,2,3,5,10,20] # Scores among which the cheapest is looked for
OFF_0 = 0.25                  # A threshold as far from 0 isn't at 0

NO_BATCHES = "The {} loader has no batches: is its data empty, or smaller than a batch with drop_last?"

class NoBatches(ValueError): "There is nothing to train with"

@dataclass
class Setup:
    "A training set-up, and what is known about it so far"
    train:Reader
    valid:Reader|None
    model:Callable
    loss_func:Callable
    metrics:list
    lr:float|None = None
    opt_func:Any = None
    step:Callable|None = None
    params:list|None = None    # What the optimizer is given, None for all that a function computes with
    trouble:str|None = None    # What is in the way of all checks
    misfit:str|None = None     # What is wrong with a batch, or with what the model makes of it
    bs:int = 1
    n_batches:float = 1.
    x:torch.Tensor|None = None # A sample of the training items, and of the validation items
    y:torch.Tensor|None = None
    vx:torch.Tensor|None = None
    vy:torch.Tensor|None = None
    labels:torch.Tensor|None = None # `y` as classes, if these are labels
    preds:torch.Tensor|None = None  # What the model says, with a gradient
    outs:list = field(default_factory=list) # What it says in evaluation mode, also to loud inputs and to noise
    leaves:list = field(default_factory=list)
    probe:Probe|None = None
    middle:float = 0. # The threshold of raw scores, and how far from it are those that least squares ask for
    half:float = 1.
    learned:Any = None # What training by heart has shown, and what the first steps
    stepped:Any = None
    faults:dict = field(default_factory=dict)  # The first fault of each metric
    blocked:dict = field(default_factory=dict) # For each check that others wait for, what has to be mended
    unmet:str|None = None

    @property
    def module(self): return self.model if isinstance(self.model, nn.Module) else None

    @property
    def trainable(self):
        "The parameters that are to be trained"
        return [p for p in (self.leaves if self.params is None else self.params) if p.requires_grad and p.is_leaf]

    @property
    def form(self):
        "Predictions and targets that show questions the form of these"
        y = self.y[:LOOKED_AT]
        return self.probe.batch(len(y))[0],y

    def standard(self, f):
        "A loss or a metric for scores whose threshold is at 0, and those of least squares at -1 and 1"
        if (self.middle,self.half)==(0,1): return f
        return lambda preds,y: f(preds*self.half+self.middle, y)

    @property
    def loss(self): return self.standard(self.loss_func)

    def mode(self, train):
        if self.module: self.module.train(train)

    def predict(self, x):
        self.mode(False)
        with torch.no_grad(): return self.model(x)

    def param_name(self, p):
        "How to speak of a parameter"
        named = self.module.named_parameters() if self.module else ()
        return next((f"'{n}' {tuple(p.shape)}" for n,o in named if o is p), f"a tensor {tuple(p.shape)}")

def leaves_of(
    t:torch.Tensor, # Computed with a gradient
)->list:
    "The leaf tensors that `t` was computed from and that require a gradient"
    seen,todo,leaves = set(),[t.grad_fn],{}
    while todo:
        f = todo.pop()
        if f is None or f in seen: continue
        seen.add(f)
        if hasattr(f, 'variable'): leaves[id(f.variable)] = f.variable
        todo += [o for o,_ in f.next_functions]
    return list(leaves.values())

def least_squares(f, p):
    "A loss's threshold, and how far its scores are from it: 0 and 1, but where it wants the labels themselves"
    if p.n_out>1 or p.kind!='scores': return 0.,1.
    found = []
    for c in (0,1):
        costs = torch.tensor([number(f, p.level(5, o), p.targets([c]*5)) for o in LEVELS])
        i = costs.argmin().item()
        if not costs.isfinite().all() or i in (0,len(LEVELS)-1) or (costs<costs[i]+1e-6).sum()>1: return 0.,1.
        found.append(LEVELS[i])
    middle,half = (found[0]+found[1])/2,(found[1]-found[0])/2
    return (middle,half) if half>0 and abs(middle)>=OFF_0 else (0.,1.)

def are_energies(s):
    "Are many scores meant to be least for the right class, by the loss and by all metrics alike?"
    p,n = s.probe,len(s.probe.classes)
    if n<3 or p.kind!='scores' or not s.metrics: return False
    def table(f): return questions.table(f, p, -1, questions.other_than(p.n_out, 5))
    eye = torch.eye(n).bool()
    if not all(torch.equal(table(o), eye.float()) for o in s.metrics): return False
    costs = table(s.loss_func)
    return bool(costs[eye].max() < costs[~eye].min())

def read(s):
    "Read a sample of the training data"
    first = s.train.batches(1)
    if not first: raise NoBatches(NO_BATCHES.format('training'))
    (x,y),item = first[0],is_item(*first[0])
    if not item and len(x)!=len(y): s.misfit = f"A batch has {len(x)} inputs, but {len(y)} labels."
    s.bs = 1 if item else len(y)
    s.x,s.y = s.train.sample()
    s.labels = as_classes(s.y)
    try: s.vx,s.vy = s.valid.sample()
    except Exception: s.vx = s.vy = None # 'data: batches' will say why
    s.n_batches = length(s.train.dl) or len(s.x)/s.bs

def look(s):
    "Ask the model for predictions, and what they are computed from"
    x = s.x[:LOOKED_AT]
    preds = s.predict(x)
    if not isinstance(preds, torch.Tensor):
        raise Fault("The model must return a tensor with a row of scores for each item, and returns a "
            f"{type(preds).__name__}.")
    if preds.dim() not in (1,2) or len(preds)!=len(x):
        s.misfit = (f"The model makes {tuple(preds.shape)} of {tuple(x.shape)}, and should make a row of scores for "
            "each item: is a flatten missing, or one too many?")
        return
    noise = torch.randn(x[:16].shape, generator=torch.Generator().manual_seed(0)).to(x)
    loud = (LOUD*x[:16],-LOUD*x[:16],LOUD*noise) if x.is_floating_point() else ()
    s.outs = [preds] + [s.predict(o) for o in loud]
    if s.labels is not None and not s.misfit: s.probe = Probe(preds, s.y[:LOOKED_AT], s.outs)
    s.mode(True)
    s.preds = s.model(s.x[:TRAINED_ON])
    leaves = [*leaves_of(s.preds),*(p for p in s.params or [] if p.is_leaf)]
    s.leaves = list({id(p): p for p in leaves}.values())
    if s.probe is None: return
    try: s.middle,s.half = (0.,-1.) if are_energies(s) else least_squares(s.loss_func, s.probe)
    except Exception: pass # 'loss: value' will say why

def cause_of(s):
    "What may be the cause of a model's error, as far as the inputs show"
    missing = ['a flatten']*(s.x.dim()>2) + ['.float()/255']*(not s.x.is_floating_point())
    return f"Is {' or '.join([*missing,'.to(device)'])} missing?" if missing else ''

def takes(s, n):
    "Does the model take a batch of `n` items?"
    try: return len(s.predict(s.x[:n]))==n
    except Exception: return False

def prepare(s):
    "Read and look; keeps in `s.trouble` what is in the way of all checks"
    try:
        with unchanged(s): read(s)
    except NoBatches: raise
    except Fault as e: s.trouble = str(e)
    except Exception as e:
        s.trouble = f"Reading the training loader raises {hint(e, 'Are all items tensors of one shape?')}"
    if s.trouble: return
    try:
        with unchanged(s): look(s)
    except Fault as e: s.trouble = str(e)
    except Exception as e:
        kind = str(s.x.dtype).removeprefix('torch.')
        s.trouble = f"On a batch {tuple(s.x[:LOOKED_AT].shape)} of {kind} the model raises {hint(e, cause_of(s))}"
        if s.bs<LOOKED_AT and takes(s, s.bs):
            s.trouble = (f"The model only takes batches of {s.bs}, and raises {type(e).__name__} on one of "
                f"{len(s.x[:LOOKED_AT])}: does a layer work along the batch, or is a size fixed in a view?")


# The arguments

def tensors_in(params):
    "The tensors in a list of them, of groups as optimizers take them, or of pairs with names"
    if isinstance(params, torch.Tensor): return [params]
    if isinstance(params, dict): return tensors_in(params.get('params'))
    if isinstance(params, tuple) and len(params)==2 and isinstance(params[0], str): return [params[1]]
    if isinstance(params, str) or not hasattr(params, '__iter__'):
        kind = type(params).__name__
        raise TypeError(f"params holds a {kind}: pass a list of tensors, such as list(model.parameters()).")
    return [p for o in params for p in tensors_in(o)]

def must_be_called(model, loss_func):
    "Raise if a model or a loss is missing, a class, or not ready"
    for name,f in dict(model=model, loss_func=loss_func).items():
        what = 'a function or an nn.Module' if name=='model' else 'a function of predictions and labels'
        if not callable(f): raise TypeError(f"{name} is a {type(f).__name__}: pass {what}.")
        if isinstance(f, type):
            raise TypeError(f"{name} is the class {f.__name__} itself: pass one that is made, as in {f.__name__}().")
    if isinstance(model, nn.Module) and any(isinstance(p, UninitializedParameter) for p in model.parameters()):
        raise ValueError("The model has lazy layers, whose parameters have no size yet: run one batch through the "
            "model first.")

def as_metrics(metrics):
    "One metric or several as a list of functions"
    if callable(metrics) or metrics and not hasattr(metrics, '__iter__'): metrics = [metrics]
    for o in metrics or ():
        if not callable(o) and not hasattr(o, 'accumulate') and not hasattr(o, 'func'):
            raise TypeError(f"{o!r} is no metric: pass functions of predictions and labels.")
    return [o.func if type(o).__name__=='AvgMetric' else o for o in metrics or ()] # fastai wraps them

def one_rate(lr):
    "The last of several learning rates, as fastai's `Learner` may have them"
    if isinstance(lr, slice): lr = lr.stop
    if isinstance(lr, (list,tuple,L)): lr = lr[-1]
    try: lr = None if lr is None else float(lr)
    except (TypeError,ValueError): raise TypeError(f"lr is a {type(lr).__name__}: pass a number.") from None
    if lr==0: raise ValueError("lr is 0, with which nothing is learned: pass a positive number.")
    return lr

def device_of(learn):
    "Where fastai's `Learner` brings its batches, which is where its model is; `None` for anything else"
    model = getattr(learn, 'model', None)
    if not hasattr(learn, 'one_batch') or not isinstance(model, nn.Module): return None
    return next((p.device for p in model.parameters()), None)

def arguments(dls, model, loss_func, metrics, lr, opt_func, params, step)->Setup:
    "A set-up of the arguments of `check_setup`. Raises `TypeError` or `ValueError` if one of them won't do."
    device = device_of(dls)
    if model is None and hasattr(dls, 'model') and hasattr(dls, 'dls'):
        learn,dls = dls,dls.dls
        model,loss_func,metrics = learn.model,loss_func or learn.loss_func,metrics or learn.metrics
        opt_func,lr = opt_func or learn.opt_func,learn.lr if lr is None else lr
    lr = one_rate(lr)
    if not hasattr(dls, 'train') and not hasattr(dls, '__iter__'):
        raise TypeError(f"dls is a {type(dls).__name__}: pass DataLoaders, a pair of loaders, or a Learner.")
    must_be_called(model, loss_func)
    metrics = as_metrics(metrics)
    if params is not None: params = tensors_in(params)
    elif isinstance(model, nn.Module): params = list(model.parameters())
    train,valid = split(dls)
    valid = None if valid is None else Reader(valid, device)
    return Setup(Reader(train, device), valid, model, loss_func, metrics, lr, opt_func, step, params)
