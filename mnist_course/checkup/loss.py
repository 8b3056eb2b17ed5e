"Questions about the loss"
import math
import torch
from . import questions as q
from .probes import OFTEN,hint,number,plain
from .registry import PREDICTIONS,Waiting,check
from .report import Fault,NotChecked
from .setup import TRAINED_ON

ONE_COLUMN = "The softmax of one column is always 1: use sigmoid and binary cross-entropy, or two outputs."
ASKED = ('data: labels',PREDICTIONS)
HIGH = 3      # A cross-entropy that starts at so many times log k starts high
EDGE,NARROW = 0.99,0.2 # Scores that are at the edge of -1..1, and share of a loss that is much or little
LOG_K = 1e-2  # By which it may miss log k

def ask(s, *questions):
    "Raise `Fault` with what the first of these questions finds"
    for question in questions:
        if text := question(s.loss, *s.form): raise Fault(text)

def undecided(s):
    "What the loss is for predictions that don't decide"
    return q.right_cost(s.loss, s.probe, 0)

def in_place(f, preds, y):
    "A sentence if a loss or a metric changes its predictions, else nothing; raises `Fault` if it changes the labels"
    p,t = preds.clone(),y.clone()
    f(p, t)
    if not torch.equal(t, y): raise Fault("It changes the labels, in place: those of the batch are lost. Work on a "
        "copy.")
    if not torch.equal(p, preds): return " It changes the predictions, in place, for all that comes after it."
    return ''

@check('loss', 'value', needs=ASKED)
def value(s):
    p = s.probe
    try: number(s.loss_func, p.preds, p.y)
    except Fault: raise
    except Exception as e:
        if p.n_out==1 and 'out of bounds' in str(e): raise Fault(ONE_COLUMN) from None
        if q.wants(s.loss_func, p): raise Waiting('loss: activation', "It takes no raw scores: see 'activation'.")
        kind = str(p.y.dtype).removeprefix('torch.')
        raise Fault(f"On predictions {tuple(p.preds.shape)} and {kind} labels {tuple(p.y.shape)} it raises {hint(e)}")
    if p.n_out==1 and torch.cat(s.outs).eq(1).all(): raise Fault(ONE_COLUMN)
    if q.loss_table(s.loss, p).isnan().all() and not q.wants(s.loss_func, p):
        raise Fault("It is nan for ordinary predictions.")
    ask(s, q.remembers)
    note = in_place(s.loss_func, p.preds, p.y)
    return f"It takes the model's predictions and the labels, and returns one number.{note}"

@check('loss', 'broadcast', needs=('loss: value',*ASKED))
def broadcast(s):
    if q.along_rows(s.loss, *s.form): raise NotChecked("See 'direction'.")
    ask(s, q.pairs_up)
    return "Each prediction is compared with its own label only."

@check('loss', 'gradient', needs=('loss: value',*ASKED))
def gradient(s):
    try: text = q.learnable(s.loss, *s.form)
    except Exception as e: raise Fault(f"Its backward pass raises {hint(e)}") from None
    if text and s.probe.n_out==1 and not q.loss_table(s.loss, s.probe).any(): raise Fault(ONE_COLUMN)
    if text: raise Fault(text)
    ask(s, q.slope)
    return "It is the slope of its values."

@check('loss', 'direction', needs=('loss: gradient',*ASKED))
def direction(s):
    ask(s, q.along_rows, q.direction)
    if q.loss_table(s.loss, s.probe).isnan().any(): raise NotChecked("It is nan for raw scores: see 'activation'.")
    return "It falls as the answers get better."

def down_the_batch(outs):
    "A sentence if what the model returns adds up to 1 over the items of each batch"
    def adds_up(p, total): return len(p)>1 and p.dim()==2 and p.shape[1]>1 and (total-1).abs().max()<q.EQUAL
    outs = [plain(o).float() for o in outs]
    for name,ps in (('log_softmax',[o.exp() for o in outs]),('softmax',outs)):
        if all((p>=0).all() and adds_up(p, p.sum(0)) and not adds_up(p, p.sum(1)) for p in ps):
            return (f"The model's {name} goes down the batch (dim=0), so that each class adds up to 1 over the "
                "items, where each item should over its classes: dim=1. Or leave it out, for cross_entropy.")

def too_narrow(s):
    "A sentence if the model's scores can't get as far from 0 as the loss would have them"
    o = torch.cat([plain(o).flatten() for o in s.outs]).abs()
    if s.probe.kind!='scores' or not o.max()<=1 or (o>EDGE).float().mean()<OFTEN: return
    within,beyond = q.right_cost(s.loss, s.probe, 1),q.right_cost(s.loss, s.probe, q.FAR)
    if within > NARROW*undecided(s) and beyond < NARROW*within:
        return ("The model's scores stay between -1 and 1, as after a tanh, where even right ones cost "
            f"{within:.2f}: leave out what limits them.")

@check('loss', 'activation', needs=('loss: value','loss: direction',*ASKED))
def activation(s):
    if text := down_the_batch(s.outs): raise Fault(text)
    if 'loss: value' in s.blocked:
        raise Fault(f"It doesn't take raw scores, only probabilities: {q.wants(s.loss_func, s.probe)} is missing. "
            "Better, use the loss that has it inside.")
    ask(s, q.activation)
    if text := too_narrow(s): raise Fault(text)
    perfect,unsure = q.right_cost(s.loss, s.probe, q.FARTHER),undecided(s)
    if perfect > unsure: return "Least squares and the like: right answers are cheapest at the numbers that it wants."
    return f"Perfect predictions cost {perfect:.2g}, undecided ones {unsure:.2g}."

@check('loss', 'finite', needs=('loss: activation',*ASKED))
def finite(s):
    ask(s, q.finite)
    if s.probe.kind!='scores' and not all(o.isfinite().all() for o in s.outs):
        raise Fault("The model's own outputs aren't finite for inputs far from 0: let it return raw scores.")
    return f"It and its gradient are finite at scores of ±{q.EXTREME:.0f}."

@check('loss', 'mean', needs=('loss: value',*ASKED))
def mean(s):
    if q.along_rows(s.loss, *s.form): raise NotChecked("See 'direction'.")
    ask(s, q.doubled)
    if 'loss: broadcast' not in s.blocked and not q.draws(s.loss, *s.form): ask(s, q.permuted, q.apart)
    return "It is a mean over the batch."

def starts_at_log_k(s):
    "k, if the loss is a cross-entropy: undecided answers cost log k"
    cost = undecided(s)
    return next((k for k in (s.probe.n_out,2) if k>1 and abs(cost-math.log(k))<LOG_K), None)

@check('loss', 'start', needs=('loss: activation','loss: broadcast','data: scale',*ASKED))
def start(s):
    k = starts_at_log_k(s)
    if not k: raise NotChecked("It is no cross-entropy.")
    cost = number(s.loss_func, plain(s.preds), plain(s.y[:TRAINED_ON]))
    if not math.isfinite(cost): raise NotChecked("It isn't finite for the model's predictions.")
    if not cost < HIGH*math.log(k):
        raise Fault(f"It starts at {cost:.1f}, far above log {k} = {math.log(k):.2f}: the model is sure of itself, "
            "and wrong. Start with smaller weights.")
    return f"It is {cost:.2f} now. A model that knows nothing has log {k} = {math.log(k):.2f}."
