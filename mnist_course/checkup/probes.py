"Predictions that answer what we want, in the form in which a model gives them, and what a function says to them"
import numpy as np
import torch
from textwrap import shorten
from torch.nn import functional as F
from .report import Fault

MOST_CLASSES = 10 # So many classes are tried at most
ROUNDING = 1e-3   # Probabilities add up to 1 but for this
OFTEN = 0.01      # So large a share of exact zeros comes from a ReLU
UNDERFLOW = 1e-9  # A sigmoid that gives exact zeros gives numbers below this as well

def some(n, k):
    "`k` of the numbers below `n`, at random, but always the same ones"
    return torch.randperm(n, generator=torch.Generator().manual_seed(0))[:k].tolist()

def plain(t):
    "A tensor without its history and without fastai's types"
    return t.detach().as_subclass(torch.Tensor)

def are_signs(y):
    "Are these labels -1 and 1?"
    return y.dtype!=torch.bool and y.dtype!=torch.uint8 and set(y.unique().tolist())=={-1,1}

def as_classes(y):
    "Labels as int64, (n,), with 0 for -1 where they are -1 and 1; or None if they are no labels"
    y = plain(y).cpu()
    if are_signs(y): y = (y+1)/2
    if y.dim()==2 and y.shape[1]>1:
        one_hot = y.min()>=0 and ((y.float().sum(1)-1).abs()<ROUNDING).all()
        return y.argmax(1) if one_hot else None
    whole = not y.is_floating_point() or (y==y.round()).all()
    return y.flatten().long() if y.dim()<=2 and whole else None

def cut_at_0(p):
    "Are these never negative and often exactly 0, as after a ReLU?"
    if p.numel()==0 or p.min()<0 or not p.any(): return False
    return bool((p==0).float().mean() > OFTEN and not (p==1).any() and p[p>0].min() > UNDERFLOW)

def kind_of_output(outs, n_out):
    "What the outputs of a model are: `'scores'`, or what the last function in it made of them"
    p = plain(torch.cat(outs)).float().view(-1, n_out)
    p = p[p.isfinite().all(1)]
    if not p.any(): return 'scores'
    if p.min()>=0 and p.max()<=1:
        if n_out>1 and (p.sum(1)-1).abs().max() < ROUNDING: return 'softmax'
        return 'scores' if cut_at_0(p) else 'sigmoid'
    return 'log_softmax' if n_out>1 and p.max()<ROUNDING and p.logsumexp(1).abs().max()<ROUNDING else 'scores'

class Probe:
    "Makes predictions and labels of the same cut as `preds`, (n,k) or (n,), and `y`"
    def __init__(self,
        preds, # What a model returned
        y, # The labels of these
        outs=(), # More of what it returned, to tell what its last function is
    ):
        self.preds,self.y = plain(preds),plain(y)
        if self.preds.dtype in (torch.bfloat16,torch.float16): self.preds = self.preds.float() # too coarse to compare
        self.signs = are_signs(self.y)
        self.n_out = preds.shape[1] if preds.dim()==2 else 1
        self.kind = kind_of_output([preds,*outs], self.n_out)
        self.classes = [0,1] if self.n_out==1 else sorted(some(self.n_out, MOST_CLASSES))

    def like(self, scores, kind=None):
        "Scores in the shape, and as the kind of output, that the model has"
        scores,kind = scores.to(self.preds),kind or self.kind
        if kind=='sigmoid': scores = scores.sigmoid()
        elif kind!='scores': scores = getattr(scores, kind)(dim=1)
        return scores.view(-1, *self.preds.shape[1:])

    def scores(self, classes, margin):
        "Raw scores that answer `classes`, at `margin` on the right side of 0"
        c = torch.as_tensor(classes)
        return ((c if self.n_out==1 else F.one_hot(c, self.n_out))*2.-1)*margin

    def answer(self, classes, margin):
        "Predictions, as the model would return them, that answer `classes`"
        return self.like(self.scores(classes, margin))

    def level(self, n, score):
        "`n` predictions with the same score in every column"
        return self.like(torch.full((n,self.n_out), float(score)))

    def targets(self, classes):
        "`classes` as labels of the set-up's shape and type"
        c = torch.as_tensor(classes)
        if self.y.dim()==2 and self.y.shape[1]>1: c = F.one_hot(c, self.n_out)
        if self.signs: c = 2*c-1
        return c.to(self.y).view(-1, *self.y.shape[1:])

    def random(self, n):
        "Small random predictions, and classes that have nothing to do with them"
        g = torch.Generator().manual_seed(1)
        scores = torch.randn(n, self.n_out, generator=g)
        return self.like(scores),torch.tensor(self.classes)[torch.randperm(n, generator=g)%len(self.classes)]

    def batch(self, n):
        "Small random predictions, and targets that have nothing to do with them"
        preds,cs = self.random(n)
        return preds,self.targets(cs)

    def answers(self, preds):
        "The classes that predictions answer"
        if self.n_out>1: return preds.argmax(dim=1).cpu()
        return (preds.flatten()>(0.5 if self.kind=='sigmoid' else 0)).long().cpu()

def as_number(v):
    "A float of what a loss or a metric returned. Raises `Fault` if it isn't one number."
    if isinstance(v, torch.Tensor) and v.numel()==1: return v.item()
    if isinstance(v, np.ndarray) and v.ndim==0: v = v[()]
    if isinstance(v, (int,float,np.number)) and not isinstance(v, bool): return float(v)
    if v is None: raise Fault("It returns None where one number is needed: is a return missing?")
    what = f"a tensor {tuple(v.shape)}" if isinstance(v, torch.Tensor) else f"a {type(v).__name__}"
    raise Fault(f"It returns {what} where one number is needed: is a .mean() missing?")

def number(f, preds, targets):
    "What a loss or a metric says to copies of these, as a float"
    return as_number(f(preds.clone(), targets.clone()))

CURES = {
    "too many dimensions 'str'": "Labels must be numbers.",
    "tensor to be equal size|input arrays must have the same shape": "Items differ in size. For images, Resize helps.",
    "cannot be multiplied": "Is a flatten missing, or has a layer the wrong size?",
    "can't be cast|result type|dtype|scalar type|expected floating":
        "Labels need .float() for binary cross-entropy, .long() for cross-entropy, images .float()/255.",
    "size|shape|multi-target|dimension":
        "Do the shapes fit? squeeze(1) makes (n,1) to (n,), unsqueeze(1) the reverse."}

def hint(e, otherwise=''):
    "An exception in a few words, with the usual cure, or `otherwise` if there is none"
    line = (str(e).splitlines() or [''])[0]
    cures = [v for k,v in CURES.items() if any(o in line.lower() for o in k.split('|'))]
    cure = cures[0] if cures else otherwise
    return f"{type(e).__name__}: {shorten(line, 110, placeholder=' …')}" + (f" ({cure})" if cure else '')

def name_of(f):
    "What a loss or a metric is called"
    return getattr(f, '__name__', None) or getattr(getattr(f, 'func', None), '__name__', type(f).__name__)
