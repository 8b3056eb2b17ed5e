"What several exercises share: inputs, calls on copies, and the stages of losses, metrics, distances and batch means"
# A family is a function that builds an answer from its stages, and a dict with the forms of each stage. An exercise
# takes
# them as they are, or puts other forms in: `chains(column_loss, COLUMN_LOSS | dict(item=right(squared) + wrong("…",
# away)))`.
import inspect
from contextlib import contextmanager
from functools import partial
from unittest import mock

import torch
from torch.nn import functional as F

from .core import CheckFailed,Trial,bind,code_of,number,same,short
from .stages import chains,right,wholes,wrong

# Inputs

def normal(*size, seed=0): return torch.randn(size, generator=torch.Generator().manual_seed(seed))
def column(*values): return torch.tensor(values)[:,None]

def mixed(n, seed=0, spread=2.):
    "Raw scores (n,1), none of them near 0, with mixed labels (n,1)"
    preds = normal(n, 1, seed=seed)*spread
    return preds + preds.sign()*0.1,(normal(n, 1, seed=seed+1)>0).long()

def in_words(roles): return ', '.join(f'{name} = {short(v)}' for name,v in roles.items())


# Calls

CUT_OFF = ("No gradient gets through: .item(), float(), .detach(), .data, no_grad, NumPy or a new tensor made of its "
    "numbers has cut off the result. Compute with tensors up to the end.")
SQUEEZE = ("It works for several items and not for one: squeeze() takes away every axis of length 1, and in a batch "
    "of one that is the axis of the items as well. Say which axis is meant: squeeze(1).")

def given(f, **roles):
    "What `f` returns for copies of these values; fails if it changes them"
    copies = {k: v.clone() if isinstance(v, torch.Tensor) else v for k,v in roles.items()}
    res = bind(f, **copies)()
    for k,v in roles.items():
        if not same(copies[k], v, 0):
            raise CheckFailed(f"a changed `{k}`",
                f"It changes `{k}` in place, by -=, exp_, an assignment to {k}[…] or the like, though that belongs to "
                "whoever calls it. Compute a new tensor instead.")
    return res

@contextmanager
def squeeze_keeps_items():
    "While it lasts, `squeeze()` without a number leaves the first axis alone"
    real = torch.Tensor.squeeze
    def squeeze(x, *dims, **kwargs):
        if dims or kwargs: return real(x, *dims, **kwargs)
        for d in range(x.dim()-1, 0, -1): x = real(x, d)
        return x
    with mock.patch.object(torch.Tensor, 'squeeze', squeeze), mock.patch.object(torch, 'squeeze', squeeze): yield

def right_but_for_squeeze(f, want, roles):
    "Does `f` fail only as its `squeeze()` has taken away the axis of a single item?"
    if getattr(next(iter(roles.values())), 'shape', ())[:1] != (1,): return False
    try:
        with squeeze_keeps_items(): return same(given(f, **roles), want)
    except Exception: return False

def tried(func, show='', **roles):
    "A trial of a function on copies of these values; `func` is right"
    want = func(*roles.values())
    def run(f):
        try: res,error = given(f, **roles),None
        except CheckFailed: raise
        except Exception as e: res,error = None,e
        if same(res, want): return res
        if right_but_for_squeeze(f, want, roles):
            raise CheckFailed(f"{type(error).__name__}: {error}" if error else short(res), SQUEEZE)
        if error: raise error
        return res
    return Trial(run, want, show or in_words(roles))

def slopes_of(f, of, roles):
    "The gradients of what `f` returns, or of its sum with random factors, with respect to the roles named in `of`"
    leaves = {k: roles[k].clone().requires_grad_() for k in of}
    try: res = given(f, **{**roles, **leaves})
    except RuntimeError as e:
        if 'numpy()' not in str(e): raise
        res = None
    if not isinstance(res, torch.Tensor) or not res.requires_grad:
        raise CheckFailed("a result that backward can't start from", CUT_OFF)
    if res.dim(): res = res*torch.rand(res.shape, generator=torch.Generator().manual_seed(0))
    return torch.autograd.grad(res.sum(), list(leaves.values()), materialize_grads=True)

def sloped(func, *of, show='', **roles):
    "A trial of the gradients for the roles named in `of` (or the first). It comes behind trials of values."
    of = of or tuple(roles)[:1]
    def run(f): return slopes_of(f, of, roles)
    return Trial(run, run(func), f"the gradient with respect to {' and '.join(of)}, for {show or in_words(roles)}")

def takes(f, n):
    "Does `f` have `n` arguments or more?"
    return code_of(f) is not None and n <= len(inspect.signature(f).parameters)

LABELS_FIRST = ("It takes the labels first. By name that works, but what calls it goes by place: scores first, then "
    "labels.")

def by_place(f, func, preds, yb):
    "A trial that calls `f` by place, if it takes both; `func` is right. It comes behind trials by name."
    def run(g):
        res = g(preds, yb)
        if not same(res, func(preds, yb)): raise CheckFailed(short(res), LABELS_FIRST)
        return res
    show = f"the scores {short(preds)} and the labels {short(yb)}, in this order"
    return [Trial(run, func(preds, yb), show)] if takes(f, 2) else []


# Losses of one column: probabilities, and the mean of what each item costs

def as_is(o): return o
def away(p, y): return torch.where(y==1, 1-p, p)
def squared(p, y): return away(p, y)**2
def minus_log(p, y): return -(1-away(p, y)).log()
def bce(p, y): return F.binary_cross_entropy(p, y.float(), reduction='none')
def with_logits(p, y): return F.binary_cross_entropy_with_logits(p, y.float(), reduction='none')

BROADCAST = "Shapes (n,) and (n,1) meet, and broadcasting compares every prediction with every label."
CROSS_ENTROPY = "It is cross-entropy, which takes a logarithm. The text asks for the distance itself."
SIGNED = "Differences are averaged with their sign, so that those of both signs cancel."
ITS_SIGN = "The sign is wrong: it falls when the answers get worse."
TWO_SIGMOIDS = "The sigmoid is applied twice."

PROBS = [*right(torch.sigmoid), *wrong("The sigmoid is missing: scores are taken for probabilities.", as_is),
    *wrong(TWO_SIGMOIDS, lambda p: p.sigmoid().sigmoid()),
    *wrong("The sigmoid by formula has no gradient far out: exp(100) is infinite, and 0 times infinity is nan. "
        "PyTorch's own is safe.", lambda p: 1/(1+(-p).exp())),
    *wrong("There is a threshold in the loss, which makes it an error rate: it has no slope.",
        lambda p: (p>0).float()),
    *wrong("It is the softmax, over the whole batch, where the sigmoid is wanted.", lambda p: p.softmax(0)),
    *wrong("A softmax over a single column is always 1.", lambda p: p.softmax(-1)),
    *wrong("It is the hyperbolic tangent, which goes from -1 to 1, where the sigmoid is wanted.", torch.tanh)]
MEET = [*right(lambda p,y: (p, y)), *wrong(BROADCAST, lambda p,y: (p.flatten(), y), lambda p,y: (p, y.flatten()))]
ITEM_LOSS = [*right(away),
    *wrong("The two cases are the wrong way round, so the loss falls when the answers get worse.",
        lambda p,y: away(p, 1-y)),
    *wrong("torch.where wants a condition, True or False for each item, and the labels are numbers: compare them with "
        "something.", lambda p,y: torch.where(y, 1-p, p)),
    *wrong(CROSS_ENTROPY, bce, minus_log),
    *wrong("The distances are squared: it is the mean squared error.", squared),
    *wrong(SIGNED, lambda p,y: p-y, lambda p,y: y-p),
    *wrong("Only the 3s count: the other case of `where` is missing.", lambda p,y: (y==1)*(1-p)),
    *wrong("Only the 7s count: the other case of `where` is missing.", lambda p,y: (y!=1)*p),
    *wrong("The labels aren't used.", lambda p,y: p+0*y, lambda p,y: 1-p+0*y)]
SUMMED = "It takes a sum where it should take the mean."
MEAN = [*right(torch.mean, lambda v: v.sum()/len(v)), *wrong(SUMMED, torch.sum),
    *wrong("It returns a number for each item, and no mean is taken.", as_is),
    *wrong("It divides by the number of items twice.", lambda v: v.mean()/len(v)),
    *wrong("The root of the mean is taken, and the text asks for the mean.", lambda v: v.mean().sqrt())]
SIGN = [*right(as_is), *wrong(ITS_SIGN, lambda v: -v)]

def column_loss(probs, meet, item, mean, sign):
    def loss(preds, yb): return sign(mean(item(*meet(probs(preds), yb))))
    return loss

COLUMN_LOSS = dict(probs=PROBS, meet=MEET, item=ITEM_LOSS, mean=MEAN, sign=SIGN)
OF_SCORES = dict(probs=right(as_is), item=wrong(CROSS_ENTROPY, with_logits)) # what takes scores and needs no sigmoid
mnist_loss = column_loss(torch.sigmoid, lambda p,y: (p, y), away, torch.mean, as_is)

def column_losses():
    "Causes for a loss that should be `mnist_loss`"
    return [*chains(column_loss, COLUMN_LOSS | OF_SCORES), *chains(column_loss, COLUMN_LOSS)]


# Metrics: answers, and the share of them that are right

def metric(decide, meet, compare, share):
    def f(preds, yb): return share(compare(*meet(decide(preds), yb)), preds)
    return f

def accuracy(preds, yb): return ((preds>0)==yb).float().mean()
def equal(a, y): return a==y

COUNTED = "It counts the right ones, and doesn't divide by their number: it takes a sum where it should take the mean."
REVERSED = "It is the share of the wrong ones: the comparison is reversed."
NOT_ANSWERS = "It looks at the answers only, and never compares them with the labels."
SHARE = [*right(lambda hits,p: hits.float().mean(), lambda hits,p: hits.sum()/len(hits)),
    *wrong(COUNTED, lambda hits,p: hits.sum()),
    *wrong("It answers for each item, and no mean is taken.", lambda hits,p: hits, lambda hits,p: hits.float()),
    *wrong("It is in percent. A share goes from 0 to 1.", lambda hits,p: 100*hits.float().mean()),
    *wrong("There is no mean of True and False: make numbers of them first, with .float().",
        lambda hits,p: hits.bool().mean()),
    *wrong("A whole-number division, //, cuts off all that is below 1. Divide by /.",
        lambda hits,p: hits.sum()//len(hits)),
    *wrong("It is rounded to two places or fewer. Leave that to whoever prints it.",
        lambda hits,p: round(hits.float().mean().item(), 2), lambda hits,p: round(hits.float().mean().item(), 1)),
    *wrong("It says 1 only if all are right: take the mean.", lambda hits,p: hits.float().min())]
SIGNED_HITS = ("Differences of answers and labels are averaged with their sign, so that an answer that is too large "
    "and one that is too small cancel. Ask whether they are equal.")
COMPARE = [*right(equal), *wrong(REVERSED, lambda a,y: a!=y), *wrong(NOT_ANSWERS, lambda a,y: a+0*y),
    *wrong(SIGNED_HITS, lambda a,y: a.float()-y, lambda a,y: y-a.float(),
        lambda a,y: 1-(a.float()-y), lambda a,y: 1-(y-a.float()))]

ONE_ARGMAX = "The argmax of a single column is always 0. With one score for each item, compare it with a threshold."
SCORES_AS_LABELS = "There is no threshold: scores are compared with labels as if they were labels."
COLUMN_ANSWERS = [*right(lambda p: p>0),
    *wrong("The threshold of 0.5 belongs to probabilities. Either apply the sigmoid first, or compare raw scores with "
        "0.", lambda p: p>0.5),
    *wrong("The threshold of 0 belongs to raw scores: every sigmoid is above 0.", lambda p: p.sigmoid()>0),
    *wrong("The sigmoid is applied twice: what has been through it once is above 0, and comes out above 0.5.",
        lambda p: p.sigmoid().sigmoid()>0.5),
    *wrong(SCORES_AS_LABELS, as_is),
    *wrong("There is no threshold: probabilities are compared with labels as if they were labels.", torch.sigmoid),
    *wrong("Raw scores are rounded, which is no threshold: 2. is no label, and 0.3 becomes 0.", torch.round),
    *wrong(ONE_ARGMAX, lambda p: p.argmax(-1, keepdim=True), lambda p: p.argmax(1)),
    *wrong("The argmax over dim 0 looks for the item with the largest score, and gives one answer for the whole "
        "batch.", lambda p: p.argmax(0)),
    *wrong("The threshold is the mean of the batch, so that an answer depends on the other items.",
        lambda p: p>p.mean())]
ONLY_3S = "It looks at the 3s only: an answer of 0 to a 7 is right as well."
COLUMN_METRIC = dict(decide=COLUMN_ANSWERS, meet=MEET, share=SHARE,
    compare=COMPARE + wrong(ONLY_3S, lambda a,y: a*(y==1)))

def column_metrics():
    "Causes for a metric that should be the share of raw scores on the right side of 0"
    return [*wholes(
        wrong("A single yes or no is asked of a whole tensor, as by `if`, `and` and `not`, and by two comparisons "
            "without brackets: `a>0==b` means `a>0 and 0==b`.", lambda preds,yb: preds>0==yb),
        wrong("It is the loss. The accuracy counts answers.", mnist_loss),
        wrong("It is 1 minus the loss. The accuracy counts answers.", lambda preds,yb: 1-mnist_loss(preds, yb))),
        *chains(metric, COLUMN_METRIC)]

def soft(p): return p.softmax(1)
def picked(t, y): return t[torch.arange(len(y)),y.flatten()]
def above(p, way, column, threshold): return way(p)[:,column]>threshold

WRONG_COLUMN = "The wrong column: the answers are shifted by one. Column 0 belongs to label 0."
TWO_CLASSES = "One column and a threshold are for two classes. Ask which of the columns is the largest."
EACH_COLUMN = ("Each of the k columns is judged by a threshold and compared with one-hot labels, and the many that "
    "are rightly left out count as right. Ask only which column is the largest.")
ROUNDS = "It rounds before the argmax, so that close scores become equal and the first of them wins."
DIGIT_ANSWERS = [*right(lambda p: p.argmax(1)),
    *wrong("The argmax goes down the columns (dim=0), and answers which image has the largest score for each digit. "
        "Each row needs its own answer.", lambda p: p.argmax(0)),
    *wrong("The argmax goes over the whole batch: it is a place among all n×k scores, since dim is missing.",
        lambda p: p.argmax()),
    *wrong(ROUNDS, lambda p: p.round().argmax(1), lambda p: p.long().argmax(1),
        lambda p: p.sigmoid().round().argmax(1)),
    *wrong("It rounds before the argmax, or asks for more than one half: where no probability is above it, all become "
        "0 and column 0 wins.", lambda p: p.softmax(1).round().argmax(1)),
    *wrong("A threshold comes before the argmax. The largest score may well be below it, and several above.",
        lambda p: (p>0.5).int().argmax(1), lambda p: (p>0).int().argmax(1)),
    *wrong("A softmax down the columns (dim=0) comes before the argmax, and changes which score of a row is the "
        "largest.", lambda p: p.softmax(0).argmax(1)),
    *wrong("It takes the smallest score for the answer.", lambda p: p.argmin(1)),
    *wrong(WRONG_COLUMN, lambda p: p.argmax(1)+1, lambda p: p[:,1:].argmax(1)),
    *wrong("It takes the absolute values of the scores: a very negative one counts as large.",
        lambda p: p.abs().argmax(1))]
DIGIT_TABLES = [ # answers that are no numbers of columns: for each column, or the score of one
    *wrong(EACH_COLUMN, lambda p: p>0, lambda p: p>0.5, lambda p: p.softmax(1)>0.5),
    *wrong("Scores are rounded, and compared with one-hot labels. Ask which column is the largest.",
        torch.round, lambda p: soft(p).round(), lambda p: p.sigmoid().round()),
    *wrong("There is no argmax: scores are compared with one-hot labels as if they were labels.",
        as_is, soft, torch.sigmoid),
    *wrong("It compares the largest scores themselves with the labels. Which column they are in, is the answer.",
        lambda p: p.amax(1), lambda p: p.softmax(1).amax(1)),
    *wrong("It rounds the largest scores and compares them with the labels. Which column they are in, is the answer.",
        lambda p: p.amax(1).round(), lambda p: p.softmax(1).amax(1).round()),
    *wrong(TWO_CLASSES, *(partial(above, way=way, column=c, threshold=t)
        for way,t in ((as_is, 0), (as_is, 0.5), (torch.sigmoid, 0.5), (soft, 0.5)) for c in (0,1)))]

def beside(a, y):
    "Answers and labels of one shape; for a table of answers, one-hot labels"
    return a,F.one_hot(y.flatten(), a.shape[1]) if a.dim()==2 else y.flatten()

DIGIT_BROADCAST = ("(n,1) meets (n,), and broadcasting compares every answer with every label. Is there a keepdim, an "
    "unsqueeze or a column?")
AS_NUMBERS = ("It measures how far apart two digits are as numbers, though a 9 for a 3 is no worse a mistake than a 4 "
    "for a 3. Ask whether they are equal.")
DIGIT_METRIC = dict(decide=DIGIT_ANSWERS + DIGIT_TABLES,
    meet=right(beside) + wrong(DIGIT_BROADCAST, lambda a,y: (a[:,None], y.flatten())),
    compare=COMPARE + wrong(AS_NUMBERS, lambda a,y: (a.float()-y).abs(), lambda a,y: 1-(a.float()-y).abs()),
    share=SHARE + right(lambda hits,p: hits.reshape(len(hits), -1).all(1).float().mean())
        + wrong("It divides by the number of columns. Divide by the number of rows.",
            lambda hits,p: hits.sum()/p.shape[1])
        + wrong("It divides by n×k, the number of scores. Divide by the number of rows.",
            lambda hits,p: hits.sum()/p.numel()))
RIGHT_COLUMN = dict(DIGIT_METRIC, decide=right(as_is, soft), meet=right(lambda p,y: (p, y)), compare=[
    *wrong("It asks whether the score of the right column is above a threshold, and not whether it is the largest of "
        "its row.", lambda p,y: picked(p, y)>0, lambda p,y: picked(p, y)>0.5),
    *wrong("It is the probability of the right digit on average, and not the share of right answers.", picked)])

def digit_metrics():
    "Causes for a metric that should be the share of rows with their largest score in the column of their label"
    return [*chains(metric, DIGIT_METRIC), *chains(metric, RIGHT_COLUMN)]


# Distances, of differences (…,h,w)

CANCEL = "The differences are averaged as they are, so that those above and below 0 cancel out. Square them first."
NO_ROOT = "It is the mean squared error (MSE): the root is missing."
MAE = ("It is the mean absolute difference (MAE, also L1): either nothing is squared, or the root is taken before the "
    "mean. RMSE is: square, average, root.")
TOO_EARLY = "The root is taken too early: for each row or column, before the mean of all the pixels."
NO_AXES = "A mean without axes: it averages over the images as well, so that all of them get a single number."
ONE_AXIS = "It averages over one axis, where there are two to go: rows and columns."
FIRST_AXIS = "It averages over axis 0, the images, where it should average over rows and columns and the images stay."
MEASURE = [*right(lambda d,mean: mean(d**2).sqrt()),
    *wrong(MAE, lambda d,mean: mean(d.abs())), *wrong(NO_ROOT, lambda d,mean: mean(d**2)),
    *wrong(CANCEL, lambda d,mean: mean(d), lambda d,mean: mean(d).abs(), lambda d,mean: mean(d)**2),
    *wrong("The root is taken of the absolute differences. Square them, and don't only drop the sign.",
        lambda d,mean: mean(d.abs()).sqrt()),
    *wrong("The root is taken twice.", lambda d,mean: mean(d**2).sqrt().sqrt()),
    *wrong("It is the standard deviation of the differences, which leaves out how far they are from 0 on average.",
        lambda d,mean: (mean(d**2)-mean(d)**2).sqrt(), lambda d,mean: d.std((-1,-2)))]
PIXEL_MEAN = [*right(lambda v: v.mean((-1,-2))), *wrong(SUMMED, lambda v: v.sum((-1,-2))), *wrong(NO_AXES, torch.mean),
    *wrong(ONE_AXIS, lambda v: v.mean(-1), lambda v: v.mean(-2)), *wrong(FIRST_AXIS, lambda v: v.mean(0))]
DISTANCE = dict(measure=MEASURE, mean=PIXEL_MEAN)

def root_too_early(d): return [(d**2).mean(axis).sqrt().mean(-1) for axis in (-1,-2)]


# Means over batches, of pairs of a batch's value and its size

def weighed(pairs): return sum(v*n for v,n in pairs)
def items_in(pairs): return sum(n for _,n in pairs)
def as_large_as(first): return lambda pairs: [(v,n) for v,n in pairs if n==first(o for _,o in pairs)]

LEFT_OUT = "It leaves out the last batch."
SMALLER = "It leaves out batches that are smaller than the others, as with drop_last."
WHICH_BATCHES = [*right(as_is),
    *wrong("It is the value of the first batch: is there a return inside the loop?", lambda pairs: pairs[:1]),
    *wrong("It is the value of the last batch: each one overwrites the one before.", lambda pairs: pairs[-1:]),
    *wrong(LEFT_OUT, lambda pairs: pairs[:-1]), *wrong(SMALLER, as_large_as(next), as_large_as(max))]
OVER_BATCHES = [*right(lambda pairs: weighed(pairs)/items_in(pairs)),
    *wrong("It is the mean of the batch means, in which an item of a small last batch counts for more than the "
        "others. The mean over all items is wanted.", lambda pairs: sum(v for v,_ in pairs)/len(pairs)),
    *wrong("The batch means are summed, and no mean is taken of them.", lambda pairs: sum(v for v,_ in pairs)),
    *wrong("It returns a list of batch means: one number is wanted, their mean over all items.",
        lambda pairs: [v for v,_ in pairs]),
    *wrong("It returns a number for each batch: one for all items is wanted.",
        lambda pairs: torch.tensor([v for v,_ in pairs])),
    *wrong("It counts the right ones, and doesn't divide by their number.", weighed),
    *wrong("It divides by the number of batches, where it should be the number of items.",
        lambda pairs: weighed(pairs)/len(pairs)),
    *wrong("It divides as if all batches were as large as the first.",
        lambda pairs: weighed(pairs)/(len(pairs)*pairs[0][1])),
    *wrong("It is in percent. A share goes from 0 to 1.", lambda pairs: 100*weighed(pairs)/items_in(pairs)),
    *wrong("The batch means are added up with their sizes as they are, and divided by the number of items once too "
        "often.", lambda pairs: sum(v for v,_ in pairs)/items_in(pairs))]
BATCH_MEANS = dict(which=WHICH_BATCHES, over=OVER_BATCHES)
