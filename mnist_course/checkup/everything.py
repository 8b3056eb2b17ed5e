"Ask a training set-up the questions to which you know the answer, before the first epoch"
import inspect,math,random,warnings
import numpy as np
import torch
from collections import namedtuple
from contextlib import contextmanager
from copy import deepcopy
from functools import partial
from fastcore.basics import patch
from fastcore.foundation import L
from textwrap import fill,shorten
from torch import nn
from torch.nn import functional as F
from torch.nn.parameter import UninitializedParameter
from torch.overrides import TorchFunctionMode
from ..optimizer import BasicOptim

class Fault(Exception): "What is wrong, and what to do about it"
class NoBatches(ValueError): "There is nothing to train with"
class NotChecked(Exception): "Why a check can't be made"
Row = namedtuple('Row', 'group check verdict text')

class Report:
    "What `check_setup` found: a table in a terminal and in a notebook"
    def __init__(self,
        rows, # One `Row` for each check, with a `group`, the name of the `check`, its `verdict` and a sentence of `text`
    ):
        self.rows = rows

    @property
    def wrong(self)->list: # Names such as `'metric: column'`
        "The checks that found something wrong"
        return [f'{o.group}: {o.check}' for o in self.rows if o.verdict=='wrong']

    @property
    def ok(self)->bool: # Checks that couldn't be made count as well
        "Is nothing wrong?"
        return not self.wrong

    def headline(self)->str:
        "The result in a line"
        n = len(self.rows)
        return f"{len(self.wrong)} of {n} checks found something wrong: {', '.join(self.wrong)}" if self.wrong else f"{n} checks, nothing wrong"

@patch
def __repr__(self:Report):
    rows = [fill(o.text, 130, initial_indent=f'{o.group:9} {o.check:14} {o.verdict:12} ', subsequent_indent=' '*38) for o in self.rows]
    return '\n'.join([self.headline(), *rows])

@patch
def _repr_markdown_(self:Report):
    rows = [[o.group, o.check, f'**{o.verdict}**' if o.verdict=='wrong' else o.verdict, o.text.replace('|', '\\|')] for o in self.rows]
    table = [['','check','verdict',''], ['---']*4, *rows]
    return f"**{self.headline()}**\n\n" + '\n'.join(f"| {' | '.join(o)} |" for o in table)

def some(n, k):
    "`k` of the numbers below `n`, at random, but always the same ones"
    return torch.randperm(n, generator=torch.Generator().manual_seed(0))[:k].tolist()

def plain(t):
    "A tensor without its history and without fastai's types"
    return t.detach().as_subclass(torch.Tensor)

def kind_of_output(outs, n_out):
    "What the outputs of a model are: `'scores'`, or what the last function in it made of them"
    p = plain(torch.cat(outs)).float().view(-1, n_out)
    p = p[p.isfinite().all(1)]
    if not p.any(): return 'scores'
    if p.min()>=0 and p.max()<=1: return 'softmax' if n_out>1 and (p.sum(1)-1).abs().max()<1e-3 else 'sigmoid'
    return 'log_softmax' if n_out>1 and p.max()<1e-4 and p.logsumexp(1).abs().max()<1e-3 else 'scores'

class Probe:
    "Makes predictions and labels of the same cut as `preds`, (n,k) or (n,), and `y`"
    def __init__(self, preds, y, outs=()):
        self.preds,self.y = plain(preds),plain(y)
        self.n_out = preds.shape[1] if preds.dim()==2 else 1
        self.kind = kind_of_output([preds,*outs], self.n_out)
        self.classes = [0,1] if self.n_out==1 else sorted(some(self.n_out, 10))

    def like(self, scores, kind=None):
        "Scores in the shape, and as the kind of output, that the model has"
        scores,kind = scores.to(self.preds),kind or self.kind
        if kind=='sigmoid': scores = scores.sigmoid()
        elif kind!='scores': scores = getattr(scores, kind)(dim=1)
        return scores.view(-1, *self.preds.shape[1:])

@patch
def scores(self:Probe, classes, margin):
    "Raw scores that answer `classes`, at `margin` on the right side of 0"
    c = torch.as_tensor(classes)
    return ((c if self.n_out==1 else F.one_hot(c, self.n_out))*2.-1)*margin

@patch
def answer(self:Probe, classes, margin):
    "Predictions, as the model would return them, that answer `classes`"
    return self.like(self.scores(classes, margin))

@patch
def targets(self:Probe, classes):
    "`classes` as labels of the set-up's shape and type"
    c = torch.as_tensor(classes)
    if self.y.dim()==2 and self.y.shape[1]>1: c = F.one_hot(c, self.n_out)
    return c.to(self.y).view(-1, *self.y.shape[1:])

@patch
def random(self:Probe, n):
    "Small random predictions, and classes that have nothing to do with them"
    g = torch.Generator().manual_seed(1)
    scores = torch.randn(n, self.n_out, generator=g)
    return self.like(scores),torch.tensor(self.classes)[torch.randperm(n, generator=g)%len(self.classes)]

@patch
def answers(self:Probe, preds):
    "The classes that predictions answer"
    if self.n_out>1: return preds.argmax(dim=1).cpu()
    return (preds.flatten()>(0.5 if self.kind=='sigmoid' else 0)).long().cpu()

def number(f, preds, targets):
    "What a loss or a metric returns, as a float"
    v = f(preds, targets)
    if isinstance(v, torch.Tensor) and v.numel()==1: return v.item()
    if isinstance(v, np.ndarray) and v.ndim==0: v = v[()]
    if isinstance(v, (int,float,np.number)) and not isinstance(v, bool): return float(v)
    what = f"a tensor {tuple(v.shape)}" if isinstance(v, torch.Tensor) else 'None' if v is None else f"a {type(v).__name__}"
    raise Fault(f"it returns {what} where one number is needed: is a {'return' if v is None else '.mean()'} missing?")

CURES = {
    "too many dimensions 'str'": "Labels must be numbers.",
    "tensor to be equal size|input arrays must have the same shape": "Items differ in size. For images, Resize helps.",
    "cannot be multiplied": "Is a flatten missing, or has a layer the wrong size?",
    "can't be cast|result type|dtype|scalar type|expected floating": "Labels need .float() for binary cross-entropy, .long() for cross-entropy, images .float()/255.",
    "size|shape|multi-target|dimension": "Do the shapes fit? squeeze(1) makes (n,1) to (n,), unsqueeze(1) the reverse."}

def hint(e, otherwise=''):
    "An exception in a few words, with the usual cure, or `otherwise` if there is none"
    line = (str(e).splitlines() or [''])[0]
    cure = next((v for k,v in CURES.items() if any(o in line.lower() for o in k.split('|'))), otherwise)
    return f"{type(e).__name__}: {shorten(line, 110, placeholder=' …')}" + (f" ({cure})" if cure else '')

NO_ACCURACY = 'loss entropy nll mse mae squared absolute perplex f1 fbeta precision recall auc kappa matthews mcc jaccard dice top brier tpr sensitivity macro confidence ece'.split()

def name_of(metric): return getattr(metric, '__name__', None) or getattr(getattr(metric, 'func', None), '__name__', type(metric).__name__)

class MetricTables:
    "The tables of one metric, turned over if it is an error rate"
    def __init__(self, metric, probe):
        self.metric,self.probe,n = metric,probe,len(probe.classes)
        self.perfect = torch.eye(n)
        sure = self.table(10)
        name = name_of(metric).lower()
        self.flip = 'acc' not in name and (any(o in name for o in ('err','wrong','miss')) or n>2 and torch.equal(sure, 1-self.perfect))

    flip = False
    def __call__(self, preds, classes):
        v = number(self.metric, preds, self.probe.targets(classes))
        return 1-v if self.flip else v

    def table(self, margin, shift=0):
        cs,n = self.probe.classes,8 if self.probe.n_out!=8 else 9
        return torch.tensor([[self(self.probe.answer([d]*n, margin)+shift, [c]*n) for c in cs] for d in cs])

def metric_value(metric, probe):
    preds,cs = probe.random(31)
    try: v = number(metric, preds, probe.targets(cs))
    except Fault as e: return str(e)
    except Exception as e: return f"for predictions {tuple(probe.preds.shape)} and labels {tuple(probe.y.shape)} it raises {hint(e)}"
    if not 0<=v<=1: return f"it says {v:.4g} to random predictions, and an accuracy must be from 0 to 1. Is it a count, a percentage, or nan?"

def metric_column(m, probe):
    M,eye,cs = m.table(10),m.perfect,probe.classes
    if torch.equal(M, 1-eye): return "perfect predictions score 0 and wrong ones 1: it reads the wrong column, or its comparison is reversed."
    if not M.diag().any() and (M==1).any(): return f"for label {cs[0]}, the answer {cs[M[:,0].argmax()]} counts as right: it reads the wrong column."

def metric_threshold(m, probe):
    M,eye,cs = m.table(10),m.perfect,probe.classes
    if not torch.equal(M, eye):
        if not M.any(): return "no answer is ever right: a threshold or an argmax is missing, and numbers are compared with labels."
        if (M==M[:1]).all(): return "it says the same whatever the predictions are: " + ("the argmax of a single column is always 0, and every probability is above a threshold of 0." if len(cs)==2 else "the argmax is missing.")
        return
    half = m(probe.answer([cs[0],cs[1]]*6, 10), [cs[0]]*12)
    if abs(half-0.5) > 1e-6: return f"six right answers and six wrong ones score {half:.2f}: is the argmax taken over the rows, dim=1?"
    M = m.table(0.2)
    if not torch.equal(M, eye):
        why = "are scores rounded or cut before the argmax?" if len(cs)>2 else "raw scores have their threshold at 0, probabilities theirs at 0.5."
        return f"predictions that are right by little score {M.diag().mean():.2f}: {why}"
    if probe.kind=='scores' and probe.n_out>1 and not all(torch.equal(m.table(2, o), eye) for o in (3,-3)):
        return "it changes when all scores of a row rise by the same, though only the largest should count: take the argmax."

def metric_broadcast(m, probe):
    mixed = probe.classes*3
    if not torch.equal(m.table(10), m.perfect): return
    v = m(probe.answer(mixed, 10), mixed)
    if v<1-1e-6: return f"perfect predictions score {v:.2f} as soon as labels are mixed: answers and labels {tuple(probe.y.shape)} differ in shape, so (n,n) pairs are compared. Give both one shape."

def metric_count(m, probe):
    perfect = m.table(10)
    if not torch.equal(perfect, m.perfect): return f"perfect predictions score {perfect.diag().mean():.2f} and wrong ones {perfect[m.perfect==0].mean():.2f}: does it count all classes, only right ones, and divide by their number?"
    preds,cs = probe.random(999)
    v,count = m(preds, cs),(probe.answers(preds)==cs).float().mean().item()
    if abs(v-count)>6e-3: return f"it says {v:.3f} to random predictions, where counting the right answers gives {count:.3f}."

def metric_fault(metric, probe):
    "The first fault of a metric, as the name of a check and what is wrong, or None. Raises `NotChecked` if it is no accuracy."
    name = name_of(metric)
    no_accuracy = any(o in name.lower() for o in NO_ACCURACY) or 'multi' in name and probe.n_out>1
    if no_accuracy or hasattr(metric, 'accumulate'): raise NotChecked(f"{name} is no accuracy.")
    if text := metric_value(metric, probe): return 'value',text
    m = MetricTables(metric, probe)
    for check,f in dict(column=metric_column, threshold=metric_threshold, broadcast=metric_broadcast, count=metric_count).items():
        if text := f(m, probe): return check,text

def loss_table(loss_func, probe, margin=2, n=None):
    "What `n` answers of one class (rows) cost if all labels are another (columns)"
    n = n or (5 if probe.n_out!=5 else 6)
    return torch.tensor([[number(loss_func, probe.answer([d]*n, margin), probe.targets([c]*n)) for c in probe.classes] for d in probe.classes])

def right_cost(loss_func, probe, margin):
    "What right answers cost, by how sure they are"
    return loss_table(loss_func, probe, margin).diag().mean().item()

checks = {}
def check(name):
    "Keep a function of a `Setup` as the check with this name, `'group: check'`; it returns what it saw, or raises `Fault` or `NotChecked`"
    def deco(f):
        checks[name] = f
        return f
    return deco

class Setup:
    "A training set-up, and what is known about it so far"
    def __init__(self, model=None, loss_func=None, metrics=(), probe=None, **kwargs):
        self.model,self.loss_func,self.probe = model,loss_func,probe
        self.metrics = [metrics] if callable(metrics) else list(metrics or ())
        self.metrics = [o.func if type(o).__name__=='AvgMetric' else o for o in self.metrics] # fastai wraps them
        self.module = model if isinstance(model, nn.Module) else None
        self.verdicts,self.outs,self.labels,self.leaves,self.misfit = {},[],None,[],None
        vars(self).update(kwargs)

    def loss(self, preds, targets): return number(self.loss_func, preds, targets)

    def need(self, *names):
        "Go on only if none of these checks has found a fault"
        for o in names:
            if self.verdicts.get(o)=='wrong': raise NotChecked(f"First mend '{o}'.")

def capitalized(text): return text if '_' in text.split()[0] else text[:1].upper()+text[1:]

@patch
def verdict(self:Setup, name):
    "Make a check: its verdict and its text"
    try: res = 'ok',checks[name](self)
    except Fault as e: res = 'wrong',str(e) if name.startswith('metric') else capitalized(str(e)) # a metric's begins with its name
    except NotChecked as e: res = 'not checked',str(e)
    except Exception as e: res = 'not checked',f"Trying it raises {hint(e)}"
    self.verdicts[name] = res[0]
    return res

ONE_COLUMN = "the softmax of one column is always 1: use sigmoid and binary cross-entropy, or two outputs."

def has_probe(s):
    s.need('data: labels')
    if s.probe is None: raise NotChecked("There are no predictions to try it on, or the targets are no labels.")

def wants(s):
    "The function after which the loss would take the model's scores, or None"
    if s.probe.kind!='scores': return
    for kind in ('sigmoid','softmax')[:1+(s.probe.n_out>1)]:
        try: return math.isfinite(s.loss(s.probe.like(s.probe.random(8)[0], kind), s.probe.targets(s.probe.random(8)[1]))) and kind or None
        except Exception: pass

@check('loss: value')
def loss_value(s):
    has_probe(s)
    p = s.probe
    try: s.loss(p.preds, p.y)
    except Fault: raise
    except Exception as e:
        if p.n_out==1 and 'out of bounds' in str(e): raise Fault(ONE_COLUMN)
        if wants(s): raise NotChecked("It doesn't take raw scores: see 'activation'.")
        raise Fault(f"on predictions {tuple(p.preds.shape)} and {str(p.y.dtype).removeprefix('torch.')} labels {tuple(p.y.shape)} it raises {hint(e)}")
    if p.n_out==1 and s.outs and torch.cat(s.outs).eq(1).all(): raise Fault(ONE_COLUMN)
    if loss_table(s.loss_func, p).isnan().all() and not wants(s): raise Fault("it is nan for ordinary predictions.")
    return "It takes the model's predictions and the labels, and returns one number."

def loss_works(s):
    has_probe(s)
    s.need('loss: value')
    if s.verdicts.get('loss: value')!='ok': raise NotChecked("First mend 'loss: activation'.")

@check('loss: broadcast')
def loss_broadcast(s):
    loss_works(s)
    p,mixed = s.probe,s.probe.classes*3
    L = loss_table(s.loss_func, p, n=len(mixed))
    cost = s.loss(p.answer(mixed, 2), p.targets(mixed))
    if (cost-L.diag().mean()).abs() > 0.1*(L.mean()-L.diag().mean()).abs()+1e-6:
        raise Fault(f"right answers cost {L.diag().mean():.2f} among equal labels, but {cost:.2f} among mixed ones: predictions {tuple(p.preds.shape)} meet labels "
            f"{tuple(p.y.shape)}, and broadcasting compares all with all. Give both one shape.")
    return "Each prediction is compared with its own label only."

def loss_grad(s):
    "Gradient of the loss for small random predictions, None if there is none, and the classes they should answer"
    preds,cs = s.probe.random(24)
    cs[:9] = s.probe.classes[0] # where labels are balanced, broadcasting could cancel everything
    loss = s.loss_func(preds.requires_grad_(), s.probe.targets(cs))
    if not isinstance(loss, torch.Tensor) or not loss.requires_grad: return None,cs
    return torch.autograd.grad(loss.sum(), preds, allow_unused=True)[0],cs

def ignored(s):
    "The numbers of the classes whose labels the loss doesn't care about, if it does care about others"
    tables = torch.cat([loss_table(s.loss_func, s.probe, m) for m in (0.5,2)])
    flat = (tables-tables[:1]).abs().amax(0) < 1e-7
    same = [i for i,o in enumerate(flat|tables.isnan().all(0)) if o and (s.labels is None or (s.labels==s.probe.classes[i]).any())]
    return same if len(same)<len(flat) else []

@check('loss: direction')
def loss_direction(s):
    loss_works(s)
    g,L,cs = loss_grad(s)[0],loss_table(s.loss_func, s.probe),s.probe.classes
    if g is None or not g.any(): raise NotChecked("It has no gradient: see 'gradient'.")
    if L.isnan().any() and not ignored(s): raise NotChecked("It is nan for raw scores: see 'activation'.")
    own = torch.eye(len(cs)).bool()
    right,least,most = L.diag(),L.masked_fill(own, math.inf).amin(0),L.masked_fill(own, -math.inf).amax(0)
    for c in (o for i,o in enumerate(cs) if i in ignored(s)): raise Fault(f"label {c} is ignored: it costs the same whatever the answer. Is there a term, or a weight, for each label, and no ignore_index?")
    if (right < least+1e-6).all() and right.mean() < L[~own].mean()-1e-6: return "It falls as the answers get better."
    if (right > most+1e-6).all():
        raise Fault(f"it falls as the answers get worse: right ones cost {right.mean():.2f}, wrong ones {L[~own].mean():.2f}. The sign is wrong{', or it picks the other column' if len(cs)==2 else ''}.")
    if (L.argmin(0)!=torch.arange(len(cs))).all(): raise Fault(f"for label {cs[0]}, the answer {cs[L[:,0].argmin()]} is the cheapest: it picks the wrong column.")
    raise Fault(f"right answers don't always cost less than wrong ones: {right.mean():.2f} and {L[~own].mean():.2f} on average.")

def starts_at_log_k(s):
    "k, if the loss is a cross-entropy: undecided answers cost log k"
    cost = right_cost(s.loss_func, s.probe, 0)
    return next((k for k in (s.probe.n_out,2) if k>1 and abs(cost-math.log(k))<1e-2), None)

@check('loss: activation')
def loss_activation(s):
    has_probe(s)
    s.need('loss: value', 'loss: direction')
    p = s.probe
    if s.verdicts['loss: value']=='ok' and loss_grad(s)[0] is None: raise NotChecked("First mend 'loss: gradient'.")
    if s.verdicts['loss: value']!='ok': raise Fault(f"it doesn't take raw scores, only probabilities: {wants(s)} is missing. Better, use the loss that has it inside.")
    squash,(undecided,sure,surer) = 'sigmoid' if p.n_out==1 else 'softmax',(right_cost(s.loss_func, p, m) for m in (0,20,40))
    if p.kind!='scores':
        if surer < -0.1: raise Fault(f"perfect predictions cost {surer:.2f}: a logarithm is missing. NLLLoss goes after log_softmax.")
        if surer > 0.3*undecided: raise Fault(f"even perfect predictions cost {surer:.2f}: the model's {p.kind} is followed by another one in the loss. Let the model return raw scores.")
    elif loss_table(s.loss_func, p).isnan().any(): raise Fault(f"it takes the logarithm of raw scores, nan for negative ones: {squash} is missing.")
    elif surer < sure-0.5: raise Fault(f"it falls without end as scores grow, {sure:.3g} for right ones of ±20 and {surer:.3g} for ±40: {squash} is missing.")
    elif surer > sure+0.5 and not starts_at_log_k(s): raise Fault(f"it rises as right scores grow, {sure:.3g} for ±20 and {surer:.3g} for ±40: {squash} is missing.")
    elif surer > 0.3*undecided and abs(surer-sure)<1e-3: raise Fault(f"even perfect scores cost {surer:.2f}: {squash} is applied twice. Hand it raw scores.")
    return f"Perfect predictions cost {surer:.2g}, undecided ones {undecided:.2g}."

@check('loss: gradient')
def loss_gradient(s):
    loss_works(s)
    g,cs = loss_grad(s)
    if g is None: raise Fault("it has no gradient, so nothing can be learned from it: it counts or compares, or calls .item(), .detach() or .data on the way. Use a smooth loss.")
    s.need('loss: broadcast')
    if not g.any() and s.probe.n_out==1 and right_cost(s.loss_func, s.probe, 2)==0: raise Fault(ONE_COLUMN)
    if not g.any(): raise Fault("its gradient is 0, so nothing can be learned from it: it rounds or counts. Use a smooth loss.")
    s.need('loss: direction', 'loss: activation')
    g = g.cpu()
    if s.probe.n_out==1: good = g.flatten()*(1-2*cs) >= 0 # 0 where a hinge loss is content
    else: good = (g.gather(1, cs[:,None])[:,0] < 0) & (g.argmin(1)==cs) | (g==0).all(1)
    if not good.all(): raise Fault(f"for {(~good).sum()} of {len(good)} predictions, a step against the gradient doesn't raise the score of the label's class.")
    return "A step against it raises the score of the label's class."

@check('loss: finite')
def loss_finite(s):
    loss_works(s)
    s.need('loss: direction', 'loss: activation')
    p = s.probe
    for given,true in [(p.classes[i],p.classes[j]) for i in (0,-1) for j in (0,-1)]:
        scores = p.answer([given]*3, 1000).requires_grad_()
        loss = s.loss_func(scores, p.targets([true]*3))
        g = torch.autograd.grad(loss, scores)[0] if loss.requires_grad else scores
        if not (loss.isfinite() and g.isfinite().all()) or p.kind!='scores' and not all(o.isfinite().all() for o in s.outs):
            raise Fault(f"at scores of ±1000 {'its gradient' if loss.isfinite() else 'it'} isn't finite, since a probability underflows to 0 before its logarithm is taken. "
                "Use cross_entropy, or binary_cross_entropy_with_logits, on raw scores.")
    return "It and its gradient are finite at scores of ±1000."

@check('loss: mean')
def loss_mean(s):
    loss_works(s)
    preds,cs = s.probe.random(24)
    y = s.probe.targets(cs)
    costs = []
    for p,t in ((preds,y),(torch.cat([preds,preds]),torch.cat([y,y]))):
        torch.manual_seed(0)
        costs.append(s.loss(p, t))
    one,two = costs
    why = "it is divided by the number of items twice" if 0 < two/(one or 1) < 0.75 else "it's a sum, and so the step grows with the batch"
    if abs(two-one) > 1e-3*abs(one)+1e-6: raise Fault(f"the same batch twice costs {two/(one or 1):.2g} times as much: {why}. Use the mean.")
    return "It is a mean over the batch."

@check('loss: start')
def loss_start(s):
    loss_works(s)
    s.need('loss: activation', 'loss: direction', 'loss: broadcast', 'data: scale')
    if not (k := starts_at_log_k(s)): raise NotChecked("It is no cross-entropy.")
    cost = s.loss(plain(s.preds), plain(s.y[:64]))
    if not math.isfinite(cost): raise NotChecked("It isn't finite for the model's predictions.")
    if not cost < 3*math.log(k): raise Fault(f"it starts at {cost:.1f}, far above log {k} = {math.log(k):.2f}: the model is sure of itself, and wrong. Start with smaller weights.")
    return f"It is {cost:.2f} now. A model that knows nothing has log {k} = {math.log(k):.2f}."

def metric_check(name, fine):
    @check(f'metric: {name}')
    def f(s):
        has_probe(s)
        if not s.metrics: raise NotChecked("There is no metric.")
        found,skipped = [],[]
        for m in s.metrics:
            try: found.append((name_of(m), metric_fault(m, s.probe)))
            except NotChecked as e: skipped.append(str(e))
        for m,o in found:
            if o and o[0]==name: raise Fault(f"{m}: {o[1]}")
        clean = [m for m,o in found if not o]
        if clean: return f"{', '.join(clean)}: {fine}"
        raise NotChecked(f"First mend 'metric: {found[0][1][0]}'." if found else ' '.join(skipped))

for name,fine in dict(value="one number from 0 to 1.", column="perfect predictions score 1, wrong ones 0.", threshold="right by little is right.",
    broadcast="each answer is compared with its own label only.", count="it agrees with a count of the right answers.").items(): metric_check(name, fine)

def length(o):
    "How long it is, None if it doesn't say"
    try: return len(o)
    except (TypeError,NotImplementedError): return None

class Reader:
    "Reads a loader in its own order, or at random places"
    def __init__(self, dl, device=None):
        self.dl,self.device,ds,self.samples = dl,device,getattr(dl, 'dataset', None),{}
        self.indexed = hasattr(ds, '__getitem__') and length(ds) is not None and callable(getattr(dl, 'do_batch', getattr(dl, 'collate_fn', None))) \
            and getattr(dl, 'batch_sampler', True) is not None
        self.idxs = getattr(getattr(getattr(dl, 'batch_sampler', None), 'sampler', None), 'indices', None) # of a part of the data set
        self.n = len(ds if self.idxs is None else self.idxs) if self.indexed else None
        self.in_memory = not self.indexed or isinstance(ds, (list,tuple,torch.utils.data.TensorDataset))

    def is_item(self, x, y):
        "Is this one item rather than a batch?"
        return y.numel()==1 and (y.dim()==0 or x.dim()<=1 or len(x)>1) or x.dim()==1 and y.dim()<=1 and len(x)!=len(y)

    def placed(self, b): return tuple(b) if self.device is None else tuple(o.to(self.device) for o in b)

    def batches(self, n_items):
        "The first batches, until they hold `n_items`"
        res,n = [],0
        for b in self.dl:
            if not isinstance(b, (tuple,list)) or len(b)!=2: raise Fault(f"a batch must be a pair (xb,yb), and this loader yields {type(b).__name__}s" + (f" of {len(b)}." if hasattr(b, '__len__') else "."))
            res.append(self.placed(map(torch.as_tensor, b)))
            n += 1 if self.is_item(*res[-1]) else len(res[-1][1])
            if n>=n_items or sum(x.nbytes for x,_ in res) > 2**28: break
        return res

@patch
def items(self:Reader, idxs):
    "The items with these numbers, as one batch, through the loader's own pipeline"
    if self.idxs is not None: idxs = [self.idxs[i] for i in idxs]
    items = [self.dl.do_item(i) if hasattr(self.dl, 'do_item') else self.dl.dataset[i] for i in idxs]
    if not hasattr(self.dl, 'do_batch'): return self.dl.collate_fn(items)
    b = self.dl.do_batch(items) # fastai
    return self.dl.after_batch(b if self.dl.device is None else tuple(o.to(self.dl.device) for o in b))

@patch
def sample(self:Reader, n):
    "`n` random items, as one batch; of a loader that can only be read in its order, among the first 100,000 or 256 MB"
    if n not in self.samples:
        b = self.items(some(self.n, n)) if self.indexed else self.walk(n)
        self.samples[n] = self.placed(b)
    return self.samples[n]

@patch
def walk(self:Reader, n):
    "A sample of a loader that can only be read in its order"
    bs,xs,ys,at = self.batches(100_000),[],[],0
    if self.is_item(*bs[0]): bs = [(x[None],y[None]) for x,y in bs]
    idxs = torch.tensor(some(sum(len(y) for _,y in bs), n))
    for x,y in bs:
        here = idxs[(idxs>=at) & (idxs<at+len(y))]-at
        xs.append(x[here]); ys.append(y[here])
        at += len(y)
    mixed = torch.randperm(len(idxs), generator=torch.Generator().manual_seed(0))
    return torch.cat(xs)[mixed],torch.cat(ys)[mixed]

def as_classes(y):
    "Labels as int64, (n,), or None if they are no labels"
    y = plain(y).cpu()
    if y.dim()==2 and y.shape[1]>1: return y.argmax(1) if y.min()>=0 and ((y.float().sum(1)-1).abs()<1e-3).all() else None
    return y.flatten().long() if y.dim()<=2 and (y==y.round() if y.is_floating_point() else y==y).all() else None

def as_rows(x, n=2000):
    "Inputs as rows of at most `n` numbers, each pixel or column on its own scale in a second copy"
    x = plain(x).cpu().float().nan_to_num()
    x = x.flatten(1) if x.dim()>1 else x[:,None]
    x = x[:,some(x.shape[1], n)] if x.shape[1]>n else x
    return x,(x-x.mean(0))/x.std(0).clamp(min=1e-6)

@check('data: batches')
def data_batches(s):
    for name,r in (('training',s.train),('validation',s.valid)):
        if r is None: raise Fault("there is only one loader, and so nothing to validate on: pass DataLoaders(train_dl, valid_dl), or a pair of loaders.")
        if iter(r.dl) is r.dl: raise Fault(f"the {name} loader is a {type(r.dl).__name__}, which runs dry after one pass: make it a list, or a DataLoader.")
        try: bs = r.batches(2)
        except Fault: raise
        except Exception as e: raise Fault(f"reading the {name} loader raises {hint(e, 'Are all items tensors of one shape?')}")
        if not bs: raise Fault(f"the {name} loader has no batches: is its data empty, or smaller than a batch with drop_last?")
        if name=='training' and len(bs)>1 and (r.is_item(*bs[0]) or len(bs[0][1])==1): raise Fault("each step sees a single item, which makes it noisy and slow: put the items into a DataLoader, with a batch size such as 256.")
    n = s.train.n or 0
    if s.preds is not None and n>s.bs>1 and n%s.bs==1 and (length(s.train.dl) or 0)*s.bs > n:
        s.mode(True)
        try: s.model(s.x[:1])
        except Exception as e: raise Fault(f"the last batch has a single item, with which the model raises {hint(e)}: give the training loader drop_last=True.")
    return "Pairs (xb,yb), for training and for validation, which can be read again and again."

@check('data: labels')
def data_labels(s):
    if s.misfit: raise Fault(s.misfit)
    if s.labels is None:
        if s.y.shape==s.x.shape: raise NotChecked("The targets are no labels: see 'pairing'.")
        raise Fault(f"the targets, {tuple(s.y.shape)}, are neither whole numbers nor one-hot.")
    if s.probe is None: raise NotChecked("There are no predictions.")
    k,lo,hi,met = s.probe.n_out,s.labels.min().item(),s.labels.max().item(),len(s.labels.unique())
    v = None if s.vy is None else as_classes(s.vy)
    if v is not None and lo>=0 and hi<max(k, 2) and not 0<=v.min()<=v.max()<max(k, 2): raise Fault(f"the validation labels go from {v.min()} to {v.max()}, and the training ones from {lo} to {hi}: number both alike.")
    if met==1: raise Fault(f"all of {len(s.labels)} labels are {lo}, so there is nothing to tell apart.")
    if s.y.dim()==2 and s.y.shape[1] not in (1,k): raise Fault(f"the labels are one-hot for {s.y.shape[1]} classes, but the model has {k} output{'s'*(k>1)}.")
    if k==1 and (lo<0 or hi>1): raise Fault(f"the labels go from {lo} to {hi}, but one output can only tell 0 from 1: give the model an output for each class, or make the labels 0 and 1.")
    if k>1 and (lo<0 or hi>=k): raise Fault(f"the labels go from {lo} to {hi}, but the model's {k} columns are numbered from 0 to {k-1}: renumber the labels, or add outputs.")
    if k>1 and met<=k/2 and len(s.labels)>=20*met: raise Fault(f"the model has {k} outputs, but only {met} labels were met among {len(s.labels)}: it needs one output for each class.")
    return f"Labels from {lo} to {hi}, and {k} output{'s'*(k>1)}."

def related(x, y, shift=0):
    "How often the most similar input has the same label, how often it would by chance, and by how many standard deviations something simple beats chance"
    y = y.roll(shift)
    chance,half,best = (y.bincount()/len(y)).square().sum().item(),len(y)//2,[]
    sd = math.sqrt(max(chance*(1-chance), 1e-9)/len(y))
    for v in as_rows(x):
        same = (y[torch.cdist(v, v).fill_diagonal_(math.inf).argmin(1)]==y).float().mean().item()
        classes = y[:half].unique() # and the nearest of the class means
        means = torch.stack([v[:half][y[:half]==c].mean(0) for c in classes])
        near = (classes[torch.cdist(v[half:], means).argmin(1)]==y[half:]).float().mean().item()
        best += [(same-chance)/sd,(near-chance)/(sd*2**0.5)]
        if len(best)==2: first = same
    return first,chance,max(best)

def unlike(s):
    "How the scales of training and validation inputs differ, or None"
    if s.vx is None or len(s.vx)<60 or not s.vx.isfinite().all(): return
    (m,sd),(vm,vsd) = ((x.float().mean().item(),x.float().std().item()) for x in (s.x,s.vx))
    if abs(m-vm) > sd or max(sd, vsd) > 2*min(sd, vsd): return f"training inputs have a mean of {m:.3g} and a standard deviation of {sd:.2g}, validation inputs {vm:.3g} and {vsd:.2g}"

def told_by_training(s):
    "By how many standard deviations the most similar training items, or class means, beat chance at the validation labels; None if that can't be said"
    vy = None if s.vy is None else as_classes(s.vy)
    if vy is None or len(vy)!=len(s.vx) or len(vy)<60 or s.vx.shape[1:]!=s.x.shape[1:]: return
    n,classes = len(s.x),s.labels.unique()
    chance = sum(((s.labels==c).float().mean()*(vy==c).float().mean()).item() for c in classes)
    right = []
    for rows in as_rows(torch.cat([plain(s.x), plain(s.vx).to(s.x)])):
        means = torch.stack([rows[:n][s.labels==c].mean(0) for c in classes])
        right += [(a==vy).float().mean().item() for a in (s.labels[torch.cdist(rows[n:], rows[:n]).argmin(1)],classes[torch.cdist(rows[n:], means).argmin(1)])]
    return (max(right)-chance)/math.sqrt(max(chance*(1-chance), 1e-9)/len(vy))

@check('data: pairing')
def data_pairing(s):
    if s.labels is None and s.y.shape==s.x.shape: raise Fault(f"the targets are the inputs themselves, or at least have their shape, {tuple(s.x.shape)}: was zip(x, x) written for zip(x, y)?")
    if not s.x.isfinite().all(): raise NotChecked("The inputs aren't finite: see 'scale'.")
    if s.misfit or s.labels is None or len(s.labels)<60 or len(s.labels.unique())<2: raise NotChecked("It takes 60 items or more, with labels.")
    same,chance,sds = related(s.x, s.labels)
    told = told_by_training(s) if sds>8 and s.verdicts.get('data: labels')!='wrong' and not unlike(s) else None
    if told is not None and told<1: raise Fault("the validation labels have nothing to do with the inputs, in the sense of the training ones: were they shuffled, or numbered in another order?")
    if sds>=4: return f"The most similar input has the same label {same:.0%} of the time, {chance:.0%} by chance."
    if s.train.indexed:
        x,y = s.train.items(range(min(s.train.n, len(s.labels))))
        found = {shift: related(x, as_classes(y), shift)[2] for shift in (-3,-2,-1,1,2,3)}
        shift = max(found, key=found.get)
        if found[shift]>5: raise Fault(f"the labels are {abs(shift)} place{'s'*(abs(shift)>1)} {'late' if shift<0 else 'early'}: each belongs to an input {'before' if shift<0 else 'after'} the one it is paired with. Pair x and y anew.")
    if not s.x.is_floating_point() and s.x.dtype!=torch.uint8: raise NotChecked("The inputs are numbers of words or the like, which can't be compared.")
    raise Fault(f"the labels have nothing to do with the inputs: the most similar input has the same label {same:.0%} of the time, {chance:.0%} by chance. Was one of them shuffled, or sorted, without the other?")

def hashes(x):
    x = plain(x).cpu()
    return {hash(o.tobytes()) for o in x.reshape(len(x), -1).contiguous().view(torch.uint8).numpy()}

@check('data: disjoint')
def data_disjoint(s):
    if s.valid is None: raise NotChecked("There is no validation loader.")
    if s.valid.dl is s.train.dl: raise Fault("the validation loader is the training loader, so the metric says nothing about new data: keep some apart.")
    names = [getattr(getattr(o.dl, 'dataset', None), 'items', None) if o.idxs is None else None for o in (s.train,s.valid)]
    both = set(map(str, names[0])) & set(map(str, names[1])) if all(isinstance(o, (list,tuple,L)) for o in names) else set()
    if both: raise Fault(f"{len(both)} validation items are training items as well: keep some apart.")
    n = 20_000 if s.train.in_memory else 512
    x = s.train.sample(n)[0]
    train,valid = hashes(x),hashes(s.valid.sample(n)[0])
    if len(train) < 0.9*len(x): raise NotChecked("The training inputs repeat themselves, so it can't be told.")
    both = len(train&valid)
    if both > max(1, len(valid)/1000): raise Fault(f"{both} of {len(valid)} validation items are among the {len(train)} training items that were looked at: keep some apart.")
    return "No validation item was met among the training items."

@check('data: shuffled')
def data_shuffled(s):
    bs = s.train.batches(512)
    fixed = torch.equal(bs[0][0], s.train.batches(1)[0][0])
    if s.labels is None:
        if fixed: raise Fault("each epoch has the same order (how well mixed it is can be said once the targets are labels): give the training loader shuffle=True.")
        raise NotChecked("The targets are no labels.")
    if len(bs)==1 and len(s.train.batches(s.bs+1))==1: return "One batch holds all the data, so their order makes no difference."
    y = as_classes((torch.stack if s.train.is_item(*bs[0]) else torch.cat)([o for _,o in bs]))
    chance = (s.labels.bincount()/len(s.labels)).square().sum().item()
    same = (y[1:]==y[:-1]).float().mean().item()
    sd = math.sqrt(chance*(1-chance)/len(y))
    if not s.train.is_item(*bs[0]): bs = [(x,y[some(len(y), len(y))]) for x,y in bs] # within a batch, the order makes no difference
    mixed = as_classes((torch.stack if s.train.is_item(*bs[0]) else torch.cat)([o for _,o in bs]))
    if same > chance + max(0.2*(1-chance), 4*sd) and (mixed[1:]==mixed[:-1]).float().mean() > chance+4*sd:
        raise Fault(f"the training data come sorted: neighbours share their label {same:.0%} of the time, and {chance:.0%} in a mixed order. Give the training loader shuffle=True.")
    return f"Neighbours share their label {same:.0%} of the time, about as in a mixed order ({chance:.0%})" + ("; but the order is the same each epoch, and shuffle=True is better." if fixed else ".")

class FirstInput(TorchFunctionMode):
    "Notes what meets the first weights, in whatever way they are applied"
    seen = None
    def __torch_function__(self, func, types, args=(), kwargs=None):
        name = getattr(func, '__name__', '')
        if self.seen is None and name in ('linear','conv1d','conv2d','conv3d','matmul','__matmul__','mm','addmm','gru','lstm','rnn_tanh','rnn_relu'):
            a,b = args[-2:] if name=='addmm' else args[:2]
            if not a.requires_grad or getattr(b, 'requires_grad', False): self.seen = a
        return func(*args, **(kwargs or {}))

def first_input(s):
    "What meets the first weights of the model; the inputs, if that can't be seen"
    s.mode(True)
    with FirstInput() as f, torch.no_grad(): s.model(s.x[:64])
    return plain(s.x[:64] if f.seen is None else f.seen)

@check('data: scale')
def data_scale(s):
    if not s.x.isfinite().all(): raise Fault("the inputs hold nan or infinite values: find out where they come from.")
    if text := unlike(s): raise Fault(f"training and validation inputs are not scaled alike: {text}.")
    x = first_input(s)
    if not x.is_floating_point(): return "The inputs are whole numbers, and the model takes them."
    mean,std = x.float().mean().item(),x.float().std().item()
    if std==0: raise Fault(f"all inputs are {mean:.3g}, so there is nothing to learn from.")
    if std>10 or abs(mean)>10 or std<0.01: raise Fault(f"the first layer sees inputs with a mean of {mean:.3g} and a standard deviation of {std:.2g}: bring them to 0..1 (divide pixels by 255, once), or standardise them.")
    return f"Inputs with a mean of {mean:.2f} and a standard deviation of {std:.2f}."

def leaves_of(t):
    "The leaf tensors that `t` was computed from and that require a gradient"
    seen,todo,leaves = set(),[t.grad_fn],{}
    while todo:
        f = todo.pop()
        if f is None or f in seen: continue
        seen.add(f)
        if hasattr(f, 'variable'): leaves[id(f.variable)] = f.variable
        todo += [o for o,_ in f.next_functions]
    return list(leaves.values())

@patch
def param_name(self:Setup, p):
    "How to speak of a parameter"
    return next((f"'{n}' {tuple(p.shape)}" for n,o in (self.module.named_parameters() if self.module else ()) if o is p), f"a tensor {tuple(p.shape)}")

@check('training: parameters')
def training_parameters(s):
    if s.opt_func is not None and not callable(s.opt_func): raise Fault(f"opt_func is {'an optimizer already' if hasattr(s.opt_func, 'step') else 'a '+type(s.opt_func).__name__}; it must be what makes one from parameters and lr, such as opt_func=SGD.")
    if s.preds is None: raise NotChecked("There are no predictions.")
    bad = [p for p in s.params or [] if not p.is_leaf]
    if bad: raise Fault(f"{s.param_name(bad[0])} is no leaf: it was computed from another tensor, so its grad stays None. Call requires_grad_() last, as in (torch.randn(size)*std).requires_grad_().")
    if any((~p.isfinite()).any() for p in s.params or []): raise Fault("some weights are nan or infinite: make the model anew.")
    if not s.preds.requires_grad: raise Fault("nothing in the predictions requires a gradient, so nothing can learn: is requires_grad_() missing, or is all computed under no_grad, or with .data or .detach()?")
    lost = [] if s.params is None else [o for o in s.leaves if id(o) not in {id(p) for p in s.params}]
    if lost: raise Fault(f"the model computes with {s.param_name(lost[0])}, which isn't among the parameters, so it is never trained. Make it an nn.Parameter, put layers into an nn.ModuleList, or, without a module, add it to params.")
    return f"{len(s.leaves)} tensors with {sum(o.numel() for o in s.leaves):,} numbers."

@contextmanager
def trial(s):
    "In training mode and without gradients; afterwards the weights are back"
    start = [p.detach().clone() for p in s.leaves]
    def put_back():
        for p,v in zip(s.leaves, start):
            with torch.no_grad(): p.copy_(v)
            p.grad = None
    s.mode(True)
    put_back()
    try: yield put_back
    finally: put_back()

def seeded_loss(s, x, y, seed=0):
    "The loss, as a tensor, with dropout from `seed`"
    torch.manual_seed(seed)
    return s.loss_func(s.model(x), y)

def trains(s):
    "Go on only if there is something to train, and a loss worth going down"
    has_probe(s)
    s.need('data: scale', 'training: parameters', *(f'loss: {o}' for o in ('value','direction','gradient','broadcast')))
    if s.verdicts.get('loss: value')!='ok': raise NotChecked("First mend 'loss: activation'.")

def undecided(s):
    "What the loss is for predictions that don't decide"
    return right_cost(s.loss_func, s.probe, 0)

def by_heart(s):
    "Loss after learning a few items by heart, and the parameters that had a gradient"
    if s.learned: return s.learned
    classes,touched,nothing = s.labels.unique(),set(),undecided(s)
    idx = torch.cat([(s.labels==c).nonzero()[:max(2, 16//len(classes)),0] for c in classes])
    with trial(s) as put_back:
        for lr in (1e-2,1e-1,1e-3):
            put_back()
            opt = torch.optim.Adam(s.trainable, lr)
            for i in range(200):
                loss = seeded_loss(s, s.x[idx], s.y[idx], i)
                opt.zero_grad(); loss.backward(); opt.step()
                touched |= {id(p) for p in s.trainable if p.grad is not None and p.grad.any()}
                if loss < 0.5*nothing and (i>=60 or len(touched)==len(s.trainable)): break
            if loss < 0.55*nothing: break
    s.learned = loss.item(),touched
    return s.learned

def mixes(s):
    "Whether, without dropout and the like, the model says of an item what depends on chance or on the others, in words; or None"
    x = s.x[:48]
    n = len(x)//3
    whole,again,alone = (plain(o).float() for o in (s.predict(x)[-n:], s.predict(x)[-n:], s.predict(x.flip(0)[:n]).flip(0)))
    def differ(a, b): return (a-b).abs().max() > 1e-3*a.std()+1e-6
    if differ(whole, again): return "even in evaluation mode, the model says something else of the same items each time: F.dropout needs training=self.training, and noise has no place there."
    if differ(whole, alone): return "what the model says of an item depends on the others in its batch: is batch_first=True missing, or a softmax, a mean or a view taken along the batch?"

@check('training: gradients')
def training_gradients(s):
    trains(s)
    with trial(s):
        seeded_loss(s, s.x[:32], s.y[:32]).sum().backward()
        none = [p for p in s.trainable if p.grad is None]
    if none: raise Fault(f"{s.param_name(none[0])} gets no gradient: the model doesn't use it, or cuts it off by .detach(), .data or no_grad.")
    s.need('loss: activation', 'loss: finite')
    dead = [p for p in s.trainable if id(p) not in by_heart(s)[1]]
    if dead: raise Fault(f"the gradient of {s.param_name(dead[0])} is always 0: its units are dead, or what comes after ignores them. Look at the start values and at the last layers.")
    return "Every parameter gets a gradient."

@check('training: overfit')
def training_overfit(s):
    trains(s)
    s.need('loss: activation', 'loss: finite', 'training: gradients')
    o = torch.cat([o.flatten() for o in s.outs])
    if s.probe.kind=='scores' and o.min()>=0 and o.any() and (o==0).float().mean()>0.01: raise Fault("the scores are never negative and often exactly 0: there is a ReLU after the last layer. Leave it out.")
    if s.module and (text := mixes(s)): raise Fault(text)
    if not by_heart(s)[0] < 0.55*undecided(s): raise Fault(f"it can't even learn a few items by heart (loss {by_heart(s)[0]:.2f}, and {undecided(s):.2f} if it knew nothing): do its outputs depend on its inputs?")
    return "It can learn a few items by heart."

def stepper(s, lr):
    "A training step on a batch: the set-up's own, or one with its optimizer, or with plain SGD"
    def tried(f, *args, **kwargs):
        try: return f(*args, **kwargs)
        except Exception as e: raise Fault(f"{'your step' if s.step else 'the optimizer'} raises {hint(e)}")
    if s.step: return partial(tried, s.step)
    params = s.params or s.leaves
    opt = tried(s.opt_func, (p for p in params), lr=lr) if s.opt_func else BasicOptim([p for p in params if p.is_leaf], lr=lr)
    def step(xb, yb):
        s.loss_func(s.model(xb), yb).backward()
        tried(opt.step)
        tried(opt.zero_grad)
    return step

def share_of(parts, whole):
    "By how much each of `parts` must be multiplied for their sum to come closest to `whole`"
    A = torch.stack(parts)
    return (torch.linalg.pinv((A@A.T).double(), rtol=1e-6)@(A@whole).double()).tolist()

def flat(ts, like): return torch.cat([(torch.zeros_like(p) if t is None else t).detach().flatten() for t,p in zip(ts, like)])

@check('training: zero_grad')
def training_zero_grad(s):
    trains(s)
    s.need('training: gradients')
    if not s.step and not s.opt_func: raise NotChecked("Pass opt_func=, or step=, your own training step, to have it checked.")
    ps,half = s.trainable,len(s.x[:64])//2
    with trial(s):
        step,at,left = stepper(s, s.lr or 1e-3),[flat(ps, ps)],None
        for i in (0,1):
            x,y = (o[i*half:(i+1)*half] for o in (s.x,s.y))
            fresh,first = flat(torch.autograd.grad(seeded_loss(s, x, y), ps, allow_unused=True), ps),left
            torch.manual_seed(0)
            step(x, y)
            at.append(flat(ps, ps))
            left = flat([p.grad for p in ps], ps)
    if torch.equal(at[0], at[2]): raise Fault("a step changes no parameter" + (", though there are gradients: opt.step() is missing, the optimizer has another model's parameters, or new tensors are made "
        "where those of the model should change, under no_grad." if left.any() else ", and leaves no gradients: backward() or opt.step() is missing, or the gradients are zeroed before the step."))
    if torch.equal(at[1], at[2]) and fresh.any(): raise Fault("the second step changes nothing: the optimizer keeps a generator of parameters, which has run dry. It needs list(params).")
    now,before = share_of([fresh,first], left)
    if before > 0.05 and before > 0.75*abs(now): raise Fault("after the second step, the gradients hold those of the first as well: they add up. Set them to zero after each step.")
    return "Each step starts with fresh gradients."

def fall(s, lr, n=10):
    "The loss, and the share of it that `n` steps take away"
    x,y,m = s.x[:512],s.y[:512],min(s.bs, len(s.x[:512]))
    with trial(s), torch.no_grad():
        step,before = stepper(s, lr),seeded_loss(s, x[:128], y[:128]).item()
        with torch.enable_grad():
            for i in range(n):
                at = torch.arange(i*m, (i+1)*m)%len(x)
                step(x[at], y[at])
        after = seeded_loss(s, x[:128], y[:128]).item()
    return before,after,(before-after)/max(abs(before), 1e-9)

@check('training: learning rate')
def training_learning_rate(s):
    trains(s)
    s.need('training: gradients', 'training: zero_grad')
    if s.lr is None and not s.step: raise NotChecked("Pass lr= to have it checked.")
    before,after,share = fall(s, s.lr)
    rate = "your step" if s.lr is None else f"a learning rate of {s.lr:g}"
    def other(*factors):
        try: return [] if s.step else [fall(s, s.lr*o)[2] for o in factors]
        except Fault: return []
    known,hardly = before < 0.5*undecided(s),abs(share)<1e-4 or 0 <= share*max(1, s.n_batches/10) < 0.025
    runs_away = not math.isfinite(after) or after < min(before, 0)-10*abs(undecided(s))-1 or after > max(2*before, undecided(s))
    if not runs_away: s.need('loss: activation')
    if not runs_away and known: return f"The loss is low already, {before:.2f}, and stays low."
    if hardly:
        faster = [] if fall(s, s.lr, 60)[2] > max(0.03, 10*share) else other(30, 1000) # some need a while to set off
        if faster and max(faster) > max(10*share, 0.003) or s.step and abs(share)<1e-4:
            raise Fault(f"it hardly moves: ten steps with {rate} take {max(share, 0):.2%} off the loss" + (f", and with a larger one {max(faster):.0%}. learn.lr_find() helps to choose." if faster else ". Try a larger one."))
    if share < -1e-4 or hardly and share < 0:
        if any(o < -1e-7 for o in other(1e-3)) or hardly and any(o<0 for o in other(30)): raise Fault("the steps go uphill, however small they are: is there a + where the step needs a minus?")
    if runs_away and after<before: raise Fault(f"it runs away: with {rate}, the loss falls from {before:.2f} to {after:.3g} in ten steps, as it has no floor: see 'activation'.")
    if share < -1e-4 or runs_away: raise Fault(f"it diverges: with {rate}, the loss goes from {before:.2f} to {after:.3g} in ten steps. Divide it by ten until the loss falls steadily.")
    return f"Ten steps with {rate} take {share:.1%} off the loss."

def generators(o):
    "Random generators among the attributes of a loader and of its parts, each with how to read and to set its state"
    parts = [o, *(getattr(o, n, None) for n in ('dataset','sampler','batch_sampler')), getattr(getattr(o, 'batch_sampler', None), 'sampler', None)]
    found = {id(v): v for p in parts for v in (vars(p).values() if hasattr(p, '__dict__') else ())}.values()
    return [(r.getstate, r.setstate) for r in found if isinstance(r, random.Random)] + [(g.get_state, g.set_state) for g in found if isinstance(g, torch.Generator)] \
        + [(lambda r=r: r.bit_generator.state, lambda v, r=r: setattr(r.bit_generator, 'state', v)) for r in found if isinstance(r, np.random.Generator)]

def behind(f, depth=3):
    "What a function works with: its object, the parts of a `partial`, what it closes over and the globals that it names, and what is behind these"
    if isinstance(f, partial): parts = [f.func, *f.args, *f.keywords.values()]
    elif inspect.ismethod(f): parts = [f.__self__, f.__func__]
    elif inspect.isfunction(f):
        try: parts = [o for names in inspect.getclosurevars(f)[:2] for o in names.values()]
        except ValueError: parts = [] # an empty cell
    else: return [f]
    return [f, *(o for p in parts if depth for o in behind(p, depth-1))]

@contextmanager
def unchanged(s):
    "Put everything back at the end: weights, gradients, modes, loaders and the states of random generators"
    found = list({id(o): o for f in (s.model, s.loss_func, s.step, *s.metrics) for o in behind(f)}.values())
    modules = [m for o in found if isinstance(o, nn.Module) for m in o.modules()]
    ts = [*(s.params or []), *s.leaves, *(t for m in modules for t in (*m.parameters(False), *m.buffers(False)))]
    opts = [(o, deepcopy(o.state_dict())) for o in found if isinstance(o, (torch.optim.Optimizer,torch.optim.lr_scheduler.LRScheduler))]
    tensors = [(t, t.detach().clone(), t.grad, None if t.grad is None else t.grad.clone()) for t in {id(o): o for o in ts if o.is_leaf}.values()]
    modes,attrs = [(m, m.training) for m in modules],[(o.dl, dict(vars(o.dl))) for o in (s.train,s.valid) if hasattr(o and o.dl, '__dict__')]
    names = {k: v for k,v in getattr(s.step, '__globals__', {}).items() if isinstance(v, torch.Tensor)} # a step may replace them
    states = [(put, get()) for get,put in [(random.getstate, random.setstate), (np.random.get_state, np.random.set_state), *(g for o,_ in attrs for g in generators(o))]]
    with torch.random.fork_rng():
        try: yield
        finally:
            if names: s.step.__globals__.update(names)
            for m,mode in modes: m.training = mode
            for o,d in opts: o.load_state_dict(d)
            for o,d in attrs: vars(o).clear(); vars(o).update(d)
            for put,state in states: put(state)
            for t,v,g,gv in tensors:
                with torch.no_grad(): t.copy_(v)
                t.grad = g
                if g is not None: g.data.copy_(gv)

@patch
def mode(self:Setup, train):
    if self.module: self.module.train(train)

@patch
def predict(self:Setup, x):
    self.mode(False)
    with torch.no_grad(): return self.model(x)

def split(dls):
    "Training and validation loader, None for one that isn't there"
    if hasattr(dls, 'train'):
        try: return dls.train,dls.valid
        except (AttributeError,IndexError): return dls.train,None
    pair = isinstance(dls, (tuple,list)) and len(dls)==2 and not any(isinstance(o, torch.Tensor) for o in dls)
    batches = pair and all(isinstance(o, (tuple,list)) and len(o)==2 and isinstance(o[0], torch.Tensor) for o in dls)
    return tuple(dls) if pair and not batches else (dls,None)

@patch
def read(self:Setup):
    "Read a sample of the training data"
    first = self.train.batches(1)
    if not first: raise NoBatches("The training loader has no batches: is its data empty, or smaller than a batch with drop_last?")
    (x,y),item = first[0],self.train.is_item(*first[0])
    if not item and len(x)!=len(y): self.misfit = f"a batch has {len(x)} inputs, but {len(y)} labels."
    self.bs = 1 if item else len(y)
    self.x,self.y = self.train.sample(2000 if self.train.in_memory else 512)
    self.labels = as_classes(self.y)
    try: self.vx,self.vy = self.valid.sample(2000 if self.valid.in_memory else 512)
    except Exception: self.vx = self.vy = None # 'data: batches' will say why
    self.n_batches = length(self.train.dl) or len(self.x)/self.bs

@patch
def look(self:Setup):
    "Ask the model for predictions, and what they are computed from"
    x = self.x[:128]
    preds = self.predict(x)
    if not isinstance(preds, torch.Tensor): raise Fault(f"the model must return a tensor with a row of scores for each item, and returns a {type(preds).__name__}.")
    if preds.dim() not in (1,2) or len(preds)!=len(x):
        self.misfit = f"the model makes {tuple(preds.shape)} of {tuple(x.shape)}, and should make a row of scores for each item: is a flatten missing, or one too many?"
        return
    noise = torch.randn(x[:16].shape, generator=torch.Generator().manual_seed(0)).to(x.device)
    self.outs = [preds] + [self.predict(o) for o in ((30*x[:16], -30*x[:16], 30*noise.to(x)) if x.is_floating_point() else ())]
    if self.labels is not None and not self.misfit: self.probe = Probe(preds, self.y[:128], self.outs)
    self.mode(True)
    self.preds = self.model(self.x[:64])
    self.leaves = list({id(p): p for p in [*leaves_of(self.preds), *(p for p in self.params or [] if p.is_leaf)]}.values())

@patch
def prepare(self:Setup):
    "Read and look; what is in the way of all checks, or None"
    try:
        with unchanged(self): self.read()
    except NoBatches: raise
    except Fault as e: return str(e)
    except Exception as e: return f"reading the training loader raises {hint(e, 'Are all items tensors of one shape?')}"
    try:
        with unchanged(self): self.look()
    except Fault as e: return str(e)
    except Exception as e: return f"on a batch {tuple(self.x[:128].shape)} of {str(self.x.dtype).removeprefix('torch.')} the model raises {hint(e, 'Is a flatten, .float()/255 or .to(device) missing?')}"

def tensors_in(params):
    "The tensors in a list of them, of groups as optimizers take them, or of pairs with names"
    if isinstance(params, torch.Tensor): return [params]
    if isinstance(params, dict): return tensors_in(params.get('params'))
    if isinstance(params, tuple) and len(params)==2 and isinstance(params[0], str): return [params[1]]
    if isinstance(params, str) or not hasattr(params, '__iter__'): raise TypeError(f"params holds a {type(params).__name__}: pass a list of tensors, such as list(model.parameters()).")
    return [p for o in params for p in tensors_in(o)]

def must_be_called(model, loss_func, metrics):
    for name,f in dict(model=model, loss_func=loss_func).items():
        if not callable(f): raise TypeError(f"{name} is a {type(f).__name__}: pass a function{' or an nn.Module' if name=='model' else ' of predictions and labels'}.")
        if isinstance(f, type): raise TypeError(f"{name} is the class {f.__name__} itself: pass one that is made, as in {f.__name__}().")
    if any(isinstance(p, UninitializedParameter) for p in (model.parameters() if isinstance(model, nn.Module) else ())):
        raise ValueError("The model has lazy layers, whose parameters have no size yet: run one batch through the model first.")
    for o in [metrics] if callable(metrics) or metrics and not hasattr(metrics, '__iter__') else metrics or ():
        if not callable(o) and not hasattr(o, 'accumulate') and not hasattr(o, 'func'): raise TypeError(f"{o!r} is no metric: pass functions of predictions and labels.")

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

def check_setup(
    dls, # fastai's `DataLoaders`, a pair of loaders of batches `(xb,yb)`, or a ready `Learner` or `BasicLearner`, which brings all the rest
    model=None, # An `nn.Module`, or a function of a batch of inputs; its scores, probabilities or their logarithms are (n,), (n,1) or (n,k)
    loss_func=None, # Called on predictions and labels; the labels are (n,), (n,1) or one-hot, as the loaders give them
    metrics=(), # One function of predictions and labels, or several
    lr:float=None, # Learning rate; without one, it isn't checked
    opt_func=None, # Called on parameters and `lr=`; returns an optimizer. Default: plain SGD
    params=None, # What the optimizer is given, tensors or groups of them; default: the parameters of the module, or all that a function computes with
    step=None, # A training step of your own, called on `xb,yb`, to be tried in place of one with `opt_func`
)->Report: # With `ok`, the names in `wrong`, and the `rows` of the table
    "Try out a set-up for training a classifier, part by part, and change nothing. Raises `TypeError` or `ValueError` if a part is missing or the training loader empty."
    device = device_of(dls)
    if model is None and hasattr(dls, 'model') and hasattr(dls, 'dls'):
        learn,dls = dls,dls.dls
        model,loss_func,metrics,opt_func = learn.model,loss_func or learn.loss_func,metrics or learn.metrics,opt_func or learn.opt_func
        lr = learn.lr if lr is None else lr
    lr = one_rate(lr)
    if not hasattr(dls, 'train') and not hasattr(dls, '__iter__'): raise TypeError(f"dls is a {type(dls).__name__}: pass DataLoaders, a pair of loaders, or a Learner.")
    must_be_called(model, loss_func, metrics)
    train,valid = split(dls)
    s = Setup(model, loss_func, metrics, train=Reader(train, device), valid=None if valid is None else Reader(valid, device), lr=lr, opt_func=opt_func, step=step, preds=None, learned=None,
        params=tensors_in(params) if params is not None else list(model.parameters()) if isinstance(model, nn.Module) else None)
    with warnings.catch_warnings(action='ignore'):
        return Report(run_checks(s, s.prepare()))

def run_checks(s, trouble):
    "A row for each check; with `trouble`, what is in the way of all, only those that need no data"
    rows = []
    s.trainable = [p for p in (s.leaves if s.params is None else s.params) if p.requires_grad and p.is_leaf]
    with unchanged(s):
        for name in sorted(checks, key=lambda o: ('data','loss','metric','training').index(o.split(':')[0])):
            if trouble and name=='data: batches': verdict,text = s.verdict(name) if s.verdict(name)[0]=='wrong' else ('wrong',capitalized(trouble))
            elif trouble and name!='training: parameters': verdict,text = 'not checked',"First mend 'data: batches'."
            else: verdict,text = s.verdict(name)
            rows.append(Row(*name.split(': '), verdict, text))
    return rows
