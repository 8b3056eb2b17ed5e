"Assignment 4: all ten digits"
import math
from collections import namedtuple
from functools import partial

import torch
import torch.nn.functional as F
from torch import tensor

from ..ten_digits import mnist_xy
from .core import CheckFailed,Trial,a_type,attempt,bind,judge,number,short
from .families import (CANCEL,DIGIT_ANSWERS,DISTANCE,MAE,PERCENT,SUMMED,TOO_EARLY,as_is,by_fixed,digit_metrics,
    picked,root_too_early,sloped,soft,staged,tried)
from .inputs import labels,normal,pixels
from .stages import Form,chains,right,stage,wholes,wrong
from .whole import Training,counted,not_zeroed,trained,why_weak

__all__ = ['check_softmax', 'check_log_softmax', 'check_nll_loss', 'check_cross_entropy', 'check_digit_accuracy',
    'check_confusion', 'check_mean_digits', 'check_digit_distances', 'check_nearest_digit', 'check_train_digits']

scores = partial(normal, spread=3.)
digits = partial(labels, k=10, seed=1)
def one_hot(y, k): return F.one_hot(y.flatten(), k)


# Softmax and its logarithm: what is taken from the scores first, what exponentials are divided by, how it is joined

def row_max(p): return p.amax(1, keepdim=True)
def row_sum(e): return e.sum(1, keepdim=True)
def column_max(p): return p.amax(0)
def nothing(p): return 0

OVERFLOW = ("exp overflows for large scores, or its sum underflows to 0. Only differences of scores matter, so take "
    "each row's largest score from the row first.")
BATCH_MAX = ("The largest score of the whole batch is taken away. A row far below it underflows to nothing but zeros: "
    "take each row's own largest score.")
COLUMN_MAX = "The largest score of each column is taken away. Take each row's own largest score from the row."
WHOLE_SUM = "One sum is taken over the whole batch. Each row needs the sum of its own scores: which dim is that?"
WRONG_AXIS = "The sum goes down the columns (dim=0), so that it mixes different images. Each row needs its own sum."
KEEPDIM = "The sums are (n,), and broadcasting lays them along the columns: keepdim is missing."
DETOUR = ("The detour through the softmax: a small probability underflows to 0, and the logarithm of that is minus "
    "infinity, with a gradient of nan. Take the logarithm on paper first.")
BITS_64 = f"{DETOUR} 64 bits only put it off."
HIDDEN = ("A small number keeps the logarithm from 0, which hides the infinity: all small probabilities come out the "
    "same and without a gradient. Take the logarithm on paper first, as log_softmax does.")
BASE = "It is the logarithm to another base than e: .log() is the natural one."
ONE_BY_ONE = "Each score goes through a sigmoid by itself, and through no softmax: those of a row don't add up to 1."

SHIFT = stage(row_max, (OVERFLOW, nothing, lambda p: -row_max(p), lambda p: p.amin(1, keepdim=True)),
    (BATCH_MAX, torch.max), (COLUMN_MAX, column_max))
TOTAL = stage(row_sum, (WHOLE_SUM, torch.sum), (KEEPDIM, lambda e: e.sum(1)), (WRONG_AXIS, lambda e: e.sum(0)))
TOPS = 20,30,50,80,88 # what scores are cut off at, so that exp doesn't overflow

def softmax_of(cut, shift, power, total, join):
    def softmax(preds):
        p = cut(preds)
        e = power(p-shift(p))
        return join(e, total(e))
    return softmax

SOFTMAX = dict(shift=SHIFT, total=TOTAL,
    power=stage(torch.exp, ("A sigmoid stands in the place of the exponential.", torch.sigmoid)),
    cut=stage(as_is, (OVERFLOW, *(partial(torch.clamp, min=low, max=top) for top in TOPS for low in (None,-top)))),
    join=stage(lambda e,t: e/t, ("The exponentials aren't divided by their sum.", lambda e,t: e),
        ("The softmax is applied twice.", lambda e,t: soft(e/t)),
        ("The result is rounded.", lambda e,t: (e/t).round()),
        ("This is the logarithm of the softmax.", lambda e,t: (e/t).log(), lambda e,t: e.log()-t.log())))

SHORT,ROWS = tensor([[1.,3.]]),tensor([[1.,2.,3.],[0.,0.,0.]])
HUGE,FAR_BELOW = tensor([[1000.,1001.],[0.,1.]]),tensor([[0.,0.],[-1000.,-1001.]])
APART,FURTHER = tensor([[0.,-200.]]),tensor([[1e4,-1e4],[-1e4,1e4]])

def check_softmax(softmax):
    "Exponentials as shares of their row, for scores of any size"
    values = [tried(soft, preds=o) for o in (SHORT, ROWS, scores(3, 3), scores(37, 10), HUGE, FAR_BELOW)]
    slopes = [sloped(soft, preds=o) for o in (SHORT, scores(5, 4), normal(3, 2, spread=100.))]
    causes = wholes((OVERFLOW, lambda p: p.exp()/(row_sum(p.exp())+1e-9)), (ONE_BY_ONE, torch.sigmoid),
        (WRONG_AXIS, lambda p: p.softmax(0)), (WHOLE_SUM, lambda p: p.flatten().softmax(0).view_as(p)),
        ("The exponentials are divided by the largest of their row.", lambda p: p.exp()/row_max(p.exp())),
        ("The exponentials are divided by the sum of the scores themselves. Divide them by their own sum.",
            lambda p: p.exp()/row_sum(p)),
        ("The scores are divided by their sum, and no exponential is taken.", lambda p: p/row_sum(p)))
    judge('softmax', softmax, staged(softmax, values, slopes), [*causes, *chains(softmax_of, SOFTMAX)],
        "chapter 06, 'The scene'; for large scores the end of '`log_softmax`, without the detour'")

def small_numbers(f, **roles):
    "What keeps `f` from the logarithm of 0: what it makes of a probability of 0 is its logarithm, or half of that"
    res = attempt(Trial(lambda f: bind(f, **roles)(), None, ''), f)
    far = number(res.flatten()[-1] if isinstance(res, torch.Tensor) and res.numel() else res)
    found = [math.exp(-abs(far)),math.exp(-2*abs(far))] if isinstance(far, float) and math.isfinite(far) else []
    return [o for o in found if 1e-40<o<0.1]

def kept(p, how, eps):
    "Logarithms of probabilities that are kept from 0 by a small number"
    return (p+eps if how=='added' else p.clamp(eps, 1-eps if how=='both' else None)).log()

def kept_logs(eps): return [partial(kept, how=how, eps=o) for o in eps for how in ('added','clamped','both')]

def log_softmax_of(shift, total, join, sign):
    def log_softmax(preds):
        s = shift(preds)
        return sign(join(preds, s, total((preds-s).exp())))
    return log_softmax

LOG_SOFTMAX = dict(shift=SHIFT, total=TOTAL,
    join=stage(lambda p,s,t: p-s-t.log(),
        ("It is the softmax itself: the logarithm is missing.", lambda p,s,t: (p-s).exp()/t),
        ("The sum of the exponentials is taken away, and not its logarithm.", lambda p,s,t: p-s-t),
        ("The softmax is applied twice: the second time to probabilities.", lambda p,s,t: soft(p).log_softmax(1)),
        ("The largest score alone is taken away: the logarithm of the sum is missing.", lambda p,s,t: p-s),
        ("The largest score was taken out of the sum of exponentials, and never put back. Take it from the first term "
            "as well, or add it to the logarithm.", lambda p,s,t: p-t.log()),
        ("The largest score is taken away twice. Once out of the exponentials, it must come back once.",
            lambda p,s,t: p-2*s-t.log()),
        ("The largest score comes back with the wrong sign.", lambda p,s,t: p+s-t.log()),
        (BASE, lambda p,s,t: (p-s-t.log())/math.log(10), lambda p,s,t: (p-s-t.log())/math.log(2)),
        (DETOUR, lambda p,s,t: ((p-s).exp()/t).log(), lambda p,s,t: soft(p).log()),
        (BITS_64, lambda p,s,t: soft(p.double()).log()),
        (f"{BASE} {DETOUR}", lambda p,s,t: soft(p).log10(), lambda p,s,t: soft(p).log2()),
        (WRONG_AXIS, lambda p,s,t: p.log_softmax(0)), (WHOLE_SUM, lambda p,s,t: p-p.logsumexp((0,1))),
        (KEEPDIM, lambda p,s,t: p-p.logsumexp(1)),
        ("The logarithm comes before the softmax. It belongs after it.", lambda p,s,t: soft(p.log())),
        (ONE_BY_ONE, lambda p,s,t: F.logsigmoid(p), lambda p,s,t: p.sigmoid().log())),
    sign=stage(as_is, ("The sign is wrong: logarithms of probabilities are 0 or less.", torch.neg)))

def check_log_softmax(log_softmax):
    "Logarithms of probabilities that neither overflow nor underflow, and their gradients"
    def func(p): return p.log_softmax(1)
    inputs = SHORT,ROWS,scores(3, 3),scores(37, 10),APART,HUGE,FURTHER,FAR_BELOW
    values = [tried(func, preds=o) for o in inputs]
    slopes = [sloped(func, preds=o) for o in (SHORT, scores(5, 4), APART, FURTHER)]
    hidden = [lambda p,s,t,log=log: log(soft(p)) for log in kept_logs(small_numbers(log_softmax, preds=APART))]
    stages = dict(LOG_SOFTMAX, join=stage(LOG_SOFTMAX['join'], (HIDDEN, *hidden)))
    judge('log_softmax', log_softmax, staged(log_softmax, values, slopes), chains(log_softmax_of, stages),
        "chapter 06, 'Why cross-entropy stood still' and '`log_softmax`, without the detour'")


# Losses: logarithms of probabilities (before or after cells are picked), which cells, minus, mean

def digit_loss(logs, cells, sign, mean):
    "`logs` gets the scores and what picks cells of a table"
    def loss(preds, yb): return mean(sign(logs(preds, lambda table: cells(table, yb))), preds, yb)
    return loss

def shifted(t, y, by): return picked(t, (y+by)%t.shape[1])
def by_label(v, p, y): return torch.stack([v[y==o].mean() for o in y.unique()]).mean()
CELLS = stage(picked, lambda t,y: (one_hot(y, t.shape[1])*t).sum(1),
    ("It takes the columns of all the labels from every row, since the index of the rows is a colon. Rows and labels "
        "need to go in pairs.", lambda t,y: t[:,y]),
    ("The labels are used to pick rows, and they say which column.", lambda t,y: t[y]),
    ("The labels aren't used: it is the mean over all the columns.", lambda t,y: t),
    ("The labels aren't used: it takes each row's largest, whatever the label says.", lambda t,y: t.amax(1)),
    ("The wrong column: the labels are shifted by one. Column 0 belongs to label 0.",
        partial(shifted, by=-1), partial(shifted, by=1)),
    ("It picks from the first row only, once for each label: with gather, labels must be (n,1).", lambda t,y: t[0,y]),
    ("Only the first image counts, and the other rows aren't used.", lambda t,y: t[0,y[0]]))
LOSS = dict(cells=CELLS,
    sign=stage(torch.neg, ("The minus is missing: the loss must fall as answers get better.", as_is)),
    mean=stage(lambda v,p,y: v.mean(), lambda v,p,y: v.sum()/len(y), (SUMMED, lambda v,p,y: v.sum()),
        by_fixed(lambda v,p,y: v.sum()),
        ("It returns a loss for each image, and no mean is taken.", lambda v,p,y: v),
        ("The mean is taken over all n×k places, of which most are 0 after the product with one-hot labels. Divide by "
            "the number of rows.", lambda v,p,y: v.sum()/p.numel()),
        ("It divides by the number of columns, and the mean is over the rows.", lambda v,p,y: v.sum()/p.shape[1]),
        ("It divides by the number of rows twice.", lambda v,p,y: v.mean()/len(y)),
        ("The mean is over the images of each label first, and then over the labels.", by_label)))

NLL = dict(LOSS, logs=stage(lambda t,pick: pick(t),
    ("The logarithm is taken again, of what are logarithms already.", lambda t,pick: pick(t.log())),
    ("The softmax is applied again, to what are logarithms of probabilities already.",
        lambda t,pick: pick(t.log_softmax(1))),
    ("The softmax is applied to logarithms of probabilities, and no logarithm taken.", lambda t,pick: pick(soft(t))),
    ("The logarithms are turned back into probabilities. The loss is the mean of minus the logarithms themselves.",
        lambda t,pick: pick(t.exp()), lambda t,pick: pick(t.exp())-1)))

def check_nll_loss(nll_loss):
    "Mean of minus the picked logarithms"
    inputs = [(tensor([[-0.5,-1.]]),tensor([1])), (tensor([[-0.5,-1.],[-2.,-0.25]]),tensor([1,0])),
        (scores(4, 4).log_softmax(1),tensor([2,0,2,1])),
        *((scores(n, 10).log_softmax(1),digits(n)) for n in (37,23,5))]
    values,slopes = ([f(F.nll_loss, log_probs=p, yb=y) for p,y in inputs] for f in (tried, sloped))
    judge('nll_loss', nll_loss, staged(nll_loss, values, slopes), chains(digit_loss, NLL),
        "chapter 06, 'The scene' for picking, and the end of '`log_softmax`, without the detour'")

Softmax = namedtuple('Softmax', 'probs logs')
Softmax.__doc__ = "`probs` makes probabilities of scores, and `logs` their logarithms without a detour"

def own(shift, total=row_sum):
    "A softmax written out"
    def probs(p): return (p-shift(p)).exp()/total((p-shift(p)).exp())
    def logs(p): return p-shift(p)-total((p-shift(p)).exp()).log()
    return Softmax(probs, logs)

NO_LOG = "The logarithm is missing: it averages probabilities."
SOFTMAXES = stage(right(Softmax(soft, lambda p: p.log_softmax(1))),
    (OVERFLOW, own(nothing)), (BATCH_MAX, own(torch.max)),
    (WHOLE_SUM, own(torch.max, torch.sum)),
    ("The softmax goes down the columns (dim=0), so that it mixes different images.",
        Softmax(lambda p: p.softmax(0), lambda p: p.log_softmax(0))))
NO_SOFTMAXES = stage( # of which a detour is not the fault
    (COLUMN_MAX, own(column_max)), (KEEPDIM, own(row_max, lambda e: e.sum(1))),
    ("Softmax twice: it is applied to probabilities. The scores go straight into log_softmax.",
        Softmax(lambda p: soft(soft(p)), lambda p: soft(p).log_softmax(1))),
    ("The softmax is missing: scores are taken for probabilities, or for their logarithms.", Softmax(as_is, as_is)),
    ("The exponentials aren't divided by the sum of their row.", Softmax(torch.exp, as_is)),
    (ONE_BY_ONE, Softmax(torch.sigmoid, F.logsigmoid)))

def straight(p, pick, logs): return pick(logs(p))
def log_after(p, pick, probs, log=torch.log): return log(pick(probs(p)))
def log_before(p, pick, probs, log=torch.log): return pick(log(probs(p)))
def no_log(p, pick, probs, off=0): return pick(probs(p))-off

def through(softmax, text, detour):
    "Forms of the stage `logs` that use a softmax: its logarithm, the detour, no logarithm"
    use = dict(probs=softmax.probs)
    return [Form(partial(straight, logs=softmax.logs), text),
        *wrong(f'{text} {detour}'.strip(), partial(log_after, **use), partial(log_before, **use)),
        *wrong(f'{text} {NO_LOG}'.strip(), partial(no_log, **use), partial(no_log, **use, off=1))]

def ways_to_logs(eps):
    "All forms of the stage `logs`"
    ways = [through(o.do, o.wrong, detour) for some,detour in ((SOFTMAXES, DETOUR), (NO_SOFTMAXES, '')) for o in some]
    return stage(*ways, (BITS_64, lambda p,pick: pick(soft(p.double())).log()),
        ("The logarithm is taken twice: it is in log_softmax already.", lambda p,pick: pick(p.log_softmax(1)).log()),
        (HIDDEN, *(partial(f, probs=soft, log=log) for log in kept_logs(eps) for f in (log_after,log_before))))

def rule_loss(probs, rule, mean, sign):
    "A loss that isn't minus the logarithm of a cell"
    def loss(preds, yb): return sign(mean(rule(probs(preds), yb), preds, yb))
    return loss

def where(is_one, p): return torch.where(is_one, 1-p, p)
def binary(loss): return lambda p,y: loss(p, one_hot(y, p.shape[1]).float(), reduction='none')
WANTED = "Take minus the logarithm of the softmax in the column of the label."
RULES = dict(probs=right(soft, torch.sigmoid, as_is), mean=stage(LOSS['mean'][:5], lambda v,p,y: v.sum(-1).mean()),
    rule=stage((f"The rule for two classes is kept, `targets==1`, which asks about one of the ten. {WANTED}",
            lambda p,y: where(y==1, p), lambda p,y: where((y==1)[:,None], p)),
        (f"It is the distance of every column from one-hot labels, as in mnist_loss. {WANTED}",
            lambda p,y: where(one_hot(y, p.shape[1])==1, p)),
        (f"It is the squared error from one-hot labels, and takes no logarithm. {WANTED}",
            lambda p,y: (p-one_hot(y, p.shape[1]))**2),
        (f"It is the distance from the digit as a number, and a label is only the name of a column. {WANTED}",
            lambda p,y: (p-y[:,None]).abs(), lambda p,y: (p-y[:,None])**2, lambda p,y: (p-y).abs(),
            lambda p,y: (p.amax(1)-y).abs(), lambda p,y: (p.argmax(1)-y).abs().float(),
            lambda p,y: (p.argmax(1)-y).float()**2, lambda p,y: ((p*torch.arange(p.shape[1])).sum(1)-y).abs()),
        (f"This is binary cross-entropy, for each column apart. {WANTED}",
            binary(F.binary_cross_entropy), binary(F.binary_cross_entropy_with_logits))),
    sign=stage(as_is, ("The sign is wrong: it falls when the answers get worse.", torch.neg)))

def check_cross_entropy(cross_entropy):
    "The two in a row, with gradients, for scores up to 1e4 apart"
    inputs = [(SHORT, [1]), (ROWS, [0,2]), (scores(4, 4), [2,0,2,1]), (scores(37, 10), digits(37).tolist()),
        (APART.expand(2, -1)/2, [0,1]), (APART, [0]), (APART, [1]), (FURTHER[:1].expand(2, -1), [0,1]), (HUGE, [1,0]),
        (FAR_BELOW, [1,0]), (HUGE[:1], [1])]
    values,slopes = ([f(F.cross_entropy, preds=p, yb=tensor(y)) for p,y in inputs] for f in (tried, sloped))
    logs = ways_to_logs(small_numbers(cross_entropy, preds=APART, yb=tensor([1])))
    of_mean = wholes(("The logarithm is taken of the mean. Take it of each probability, and the mean last.",
        lambda p,y: -picked(soft(p), y).mean().log()))
    judge('cross_entropy', cross_entropy, staged(cross_entropy, values, slopes),
        [*of_mean, *chains(digit_loss, dict(logs=logs, **LOSS)), *chains(rule_loss, RULES)],
        "chapter 06, '`log_softmax`, without the detour'; for sure answers 'Why cross-entropy stood still'")


# Metrics

READ_ANSWERS = "chapter 06, 'Does a perfect prediction score 1?'"

def check_digit_accuracy(digit_accuracy):
    "Share of rows with the largest score in the right column"
    def func(p, y): return (p.argmax(1)==y).float().mean()
    close = tensor([[0.3,0.4,0.1],[-1.,-0.6,-0.9],[2.6,3.4,2.9]])
    weak = normal(20, 10, spread=0.1)
    inputs = [(SHORT, [1]), (tensor([[1.,3.,2.],[5.,0.,-7.]]), [1,2]), (close, [1,1,1]), (close, [1,0,2]),
        (tensor([[4.,1.,0.]]*3+[[0.,1.,4.]]), [0,2,1,2]), (tensor([[0.,1.,0.5],[0.,1.,2.]]), [1,2]),
        (weak, weak.argmax(1).tolist()),
        *((scores(n, 10), digits(n).tolist()) for n in (10,37,61,89,113,200))]
    trials = [tried(func, preds=p, yb=tensor(y)) for p,y in inputs]
    judge('digit_accuracy', digit_accuracy, trials, digit_metrics(), READ_ANSWERS)

def table_of(answers, pair, count):
    def confusion(preds, yb): return count(*pair(yb, answers(preds)))
    return confusion

def counts(y, a): return (y*10+a).bincount(minlength=100).view(10,10)

def once(y, a):
    "Adds 1 to each place that comes up, however often it does"
    table = torch.zeros(10, 10)
    table[y,a] += 1
    return table

def as_large_as_needed(y, a):
    k = 1+int(max(y.max(), a.max()))
    return (y*k+a).bincount(minlength=k*k).view(k,k)

CONFUSION = dict(answers=DIGIT_ANSWERS,
    pair=stage(lambda y,a: (y, a),
        ("Rows and columns are swapped: a row for each true digit, a column for each answer.", lambda y,a: (a, y)),
        ("The labels are counted against themselves, and the answers aren't used.", lambda y,a: (y, y)),
        ("The answers are counted against themselves, and the labels aren't used.", lambda y,a: (a, a))),
    count=stage(counts, ("A pair that comes twice is counted once: table[rows, columns] += 1 with lists of indices "
        "adds 1 to each place that is named, however often.", once),
        ("The numbers are shares of all images. Counts are wanted.", lambda y,a: counts(y, a)/len(y)),
        ("The numbers are shares of their row. Counts are wanted.", lambda y,a: counts(y, a)/row_sum(counts(y, a)),
            lambda y,a: counts(y, a)/row_sum(counts(y, a)).clamp(min=1)),
        ("The right answers are left out. They belong on the diagonal.", lambda y,a: counts(y, a).fill_diagonal_(0)),
        ("Only the right answers are counted, on the diagonal. Where are the other images?",
            lambda y,a: counts(y, a)*torch.eye(10, dtype=torch.long)),
        ("The counts end at the last pair that comes up, and don't fill the table: see bincount's minlength.",
            lambda y,a: (y*10+a).bincount().view(10,10)),
        ("It is as large as the largest digit that comes up, and must be 10×10 always.", as_large_as_needed)))

def check_confusion(confusion):
    "How often each digit is taken for each"
    def func(p, y): return counts(y, p.argmax(1))
    def one(answers, yb):
        preds = -normal(len(yb), 10).abs()
        preds[torch.arange(len(yb)),tensor(answers)] = 5.
        show = f"scores whose largest are in the columns {answers}, yb = {short(tensor(yb))}"
        return tried(func, show, preds=preds, yb=tensor(yb))
    trials = [one([7], [2]), one([1,1,3], [1,1,8]), one([4,4,9,4,9], [9,9,4,4,9])]
    trials += [tried(func, preds=normal(n, 10), yb=digits(n)) for n in (10,200)]
    added = wholes(("Scores, or probabilities, are added up. Each image counts 1, in the column of its answer.",
        lambda p,y: one_hot(y, 10).float().T@p, lambda p,y: one_hot(y, 10).float().T@soft(p)))
    judge('confusion', confusion, trials, [*added, *chains(table_of, CONFUSION)],
        f"chapter 07, 'Where it is wrong'; for the answers {READ_ANSWERS}")


# Nearest mean

def means_of(levels, images, mean, order, stack):
    def mean_digits(x, y): return stack([mean(images(levels(x), y, d), x) for d in order(y)])
    return mean_digits

def of_digit(x, y, d): return x[y==d]
def all_digits(y): return range(10)
MEANS = dict(
    levels=stage(lambda x: x.float()/255,
        ("The grey levels go up to 255: a division by 255 is missing.", torch.Tensor.float),
        ("It divides by 256. The largest byte is 255, and should become 1.", lambda x: x.float()/256),
        ("There is no mean of bytes, since a byte can't hold a fraction. Turn the images into floats first.", as_is),
        ("A whole-number division, //, cuts off all that is below 1. Divide by /.", lambda x: (x//255).float()),
        ("It is divided by the largest grey level that comes up, and not by 255.", lambda x: x.float()/x.max())),
    images=stage(of_digit, ("It is the mean of all images, whatever their label.", lambda x,y,d: x),
        ("It takes image number d, where it should take all the images with label d.", lambda x,y,d: x[d:d+1]),
        ("It takes one image for each digit, where it should take the mean of all.",
            lambda x,y,d: x[y==d][:1], lambda x,y,d: x[y==d][-1:])),
    mean=stage(lambda o,x: o.mean(0), (SUMMED, lambda o,x: o.sum(0)),
        ("A mean without axes: it gives one number for a digit, and not an image.", lambda o,x: o.mean()),
        ("The mean is over the pixels of each image, where it should be over the images.", lambda o,x: o.mean((1,2))),
        ("It is the median, and not the mean.", lambda o,x: o.median(0).values),
        ("It divides by the number of all images, not of those of the digit.", lambda o,x: o.sum(0)/len(x))),
    order=stage(all_digits,
        ("The last digit is missing: there are ten, and range(9) ends at 8.", lambda y: range(9)),
        ("It starts from 1: the digits are 0 to 9.", lambda y: range(1, 11)),
        ("The digits come in the order in which they first turn up among the labels. The mean of the 0s "
        "belongs at place 0.", lambda y: dict.fromkeys(y.tolist()))),
    stack=stage(torch.stack, ("It is a list of tensors. torch.stack makes one tensor of them.", list)))
ADDED_BYTES = [lambda o,x: sum(o)/len(o)/255, lambda o,x: sum(o)/255/len(o), lambda o,x: sum(o)/len(o)]

def check_mean_digits(mean_digits):
    "Ten mean images from bytes"
    func = means_of(**{name: forms[0].do for name,forms in MEANS.items()})
    grey,few = torch.arange(100, 210, 10, dtype=torch.uint8),tensor([3,0,2,1,9,8,7,6,5,4,3])
    trials = [tried(func, f"eleven images, each of one grey, {grey.tolist()}, with labels y = {short(few)}",
            x=grey[:,None,None].expand(-1,28,28), y=few),
        tried(func, "60 random images with mixed labels", x=pixels(60), y=torch.cat([digits(50), torch.arange(10)]))]
    wrapped = wholes(("The bytes wrap around: a uint8 ends at 255, and 200+100 is 44. Make floats before you add.",
        *(means_of(as_is, of_digit, mean, all_digits, torch.stack) for mean in ADDED_BYTES)))
    judge('mean_digits', mean_digits, trials, [*wrapped, *chains(means_of, MEANS)],
        "chapter 07, 'Ten ideals'; chapter 01, 'From files to one tensor' for bytes and 'The ideal 3' for axes")

def rmse(x, m): return ((x[:,None]-m)**2).mean((2,3)).sqrt()

def drawing(*greys):
    "Images (n,28,28) of an upper and a lower half, for pairs of greys"
    return tensor(greys)[:,:,None,None].expand(-1,-1,14,28).reshape(-1,28,28)

def over_images(t): return (t**2).mean(0).sqrt()
ITS_OWN = "Each image meets only the mean at its own place. An axis is missing between: (n,1,28,28) meets (k,28,28)."
EACH_WITH_EACH = right(lambda x,m: x[:,None]-m, lambda x,m: m-x[:,None])
TOGETHER = "A mean without axes: it gives one number for all the images together."
A_LIST = "It is a list. torch.stack makes one tensor of several, torch.tensor one of numbers."

def distances_of(pair, measure, mean, form):
    def digit_distances(x, means): return form(measure(pair(x, means), mean), x, means)
    return digit_distances

DISTANCES = dict(DISTANCE, pair=stage(EACH_WITH_EACH, (ITS_OWN, lambda x,m: x-m)), form=stage(lambda t,x,m: t,
    ("It is the other way round, a row for each mean: (k,n) for (n,k).", lambda t,x,m: t.T),
    ("The numbers are in the wrong places: view and reshape don't swap axes, they read (k,n) line by line as (n,k). "
        "Transpose it, or stack along dim=1.", lambda t,x,m: t.T.reshape(len(x), len(m))),
    ("It returns which mean is the nearest. Here the distances themselves are asked for.", lambda t,x,m: t.argmin(1)),
    (A_LIST, lambda t,x,m: list(t), lambda t,x,m: list(t.T)),
    (TOGETHER, lambda t,x,m: over_images(t).expand(len(x), -1), lambda t,x,m: over_images(t))))

def check_digit_distances(digit_distances):
    "RMSE of every image to every mean"
    x,means = normal(5, 28, 28).sigmoid(),normal(10, 28, 28, seed=1).sigmoid()
    trials = [tried(rmse, show, x=a, means=b) for show,a,b in (
        ("one image, all 0.5, and two means: one all 0, one 0 above and 0.8 below",
            drawing((0.5,0.5)), drawing((0.,0.),(0.,0.8))),
        ("three images and two means, each of an upper and a lower half in one grey",
            drawing((0.,1.),(0.2,0.2),(0.9,0.)), drawing((0.5,0.),(0.3,1.))),
        ("four random images and four random means", x[:4], means[:4]),
        ("five random images and ten random means", x, means))]
    early = wholes((TOO_EARLY, *(lambda x,m,i=i: root_too_early(x[:,None]-m)[i] for i in (0,1))))
    judge('digit_distances', digit_distances, trials, [*early, *chains(distances_of, DISTANCES)],
        "chapter 01, 'How far is it from an ideal?', 'Broadcasting' and 'A mistake to have seen once'")

NEAREST = dict(pair=EACH_WITH_EACH, mean=DISTANCE['mean'][:1] + right(lambda v: v.sum((-1,-2))),
    measure=stage(DISTANCE['measure'][:1], lambda d,mean: mean(d**2), (MAE, lambda d,mean: mean(d.abs())),
        (CANCEL, lambda d,mean: mean(d), lambda d,mean: mean(d).abs())),
    form=stage(lambda t,x,m: t.argmin(1),
        ("It takes the largest distance: the nearest is where it is *smallest*.", lambda t,x,m: t.argmax(1)),
        ("It returns the smallest distance itself. Which mean has it, is asked.", lambda t,x,m: t.amin(1)),
        ("The argmin goes down the columns: it says which image is nearest to each mean.", lambda t,x,m: t.argmin(0)),
        ("The argmin goes over the whole table of distances, since dim is missing.", lambda t,x,m: t.argmin()),
        ("The answers are shifted by one: the mean at place 0 is that of the digit 0.", lambda t,x,m: t.argmin(1)+1),
        ("It returns the distances. Which of them is the smallest, is asked.", lambda t,x,m: t),
        (A_LIST, lambda t,x,m: t.argmin(1).tolist()),
        ("It returns the nearest mean image. Its place among the means is asked.", lambda t,x,m: m[t.argmin(1)]),
        ("It keeps an axis of length 1, (n,1), and beside labels (n,) that would be broadcast. (n,) is asked.",
            lambda t,x,m: t.argmin(1, keepdim=True)),
        (TOGETHER, lambda t,x,m: over_images(t).argmin(), lambda t,x,m: over_images(t).argmin().expand(len(x)))))

PRODUCT = NEAREST | dict(pair=right(lambda x,m: x[:,None]*m),
    measure=wrong("It multiplies images and means, and a product is no distance: subtract, and square.",
        lambda d,mean: mean(d), lambda d,mean: -mean(d)))

def check_nearest_digit(nearest_digit):
    "The place of the nearest mean by RMSE"
    def func(x, m): return rmse(x, m).argmin(1)
    vx,vy = mnist_xy('test')
    vx = vx.view(-1,28,28)
    means = torch.stack([vx[:2000][vy[:2000]==d].mean(0) for d in range(10)])
    halves = drawing((0.,0.),(0.25,0.25),(0.,0.4))
    trials = [tried(func, show, x=x, means=m) for show,x,m in (
        ("one image, all 0.2, and three means: all 0, all 0.25 and all 0.9",
            drawing((0.2,0.2)), drawing((0.,0.),(0.25,0.25),(0.9,0.9))),
        ("one image, all 0, and two means: one all 0.25, one 0 above and 0.4 below", halves[:1], halves[1:]),
        ("ten images of the test set and ten means", vx[2000:2010], means),
        *(("40 images of the test set and ten means", vx[i:i+40], means) for i in range(3000, 3200, 40)))]
    own_place = wholes((ITS_OWN, lambda x,m: ((x-m)**2).mean((1,2)).argmin()))
    causes = [*own_place, *chains(distances_of, NEAREST), *chains(distances_of, PRODUCT)]
    judge('nearest_digit', nearest_digit, trials, causes,
        "chapter 07, 'Ten ideals'")


# The whole

def fitted(f, **given):
    "The model that `f` trains, the accuracy that it reports, and the steps of the training; `None` for nothing"
    res,steps = trained(f, **given)
    if res is None: return
    if not isinstance(res, (tuple,list)) or len(res)!=2:
        raise CheckFailed(short(res), "It must return two things, the model first: return model, accuracy.")
    model,acc = res[0],number(res[1])
    if not callable(model) or hasattr(model, 'dls'):
        raise CheckFailed(f"{a_type(model)} first",
            "The first of the two must be the model, to be called on images (n,784). In a Learner it is learn.model.")
    if not isinstance(acc, float):
        raise CheckFailed(f"{short(res[1])} as accuracy",
            "The second of the two must be one number from 0 to 1: the last accuracy, if there is a list of them.")
    return model,acc,steps

def share(model, xy): return counted(model, *xy, columns=10)[0]

def reported(acc, model, train, valid, tol):
    "Fail if `acc` isn't the model's accuracy on `valid`"
    right,n = share(model, valid),len(valid[1])
    if abs(acc-right)<=tol: return
    def near(v, scale=1): return abs(acc-v*scale)<=tol*scale
    if near(right, 100): cause = PERCENT
    elif near(right, n): cause = "It counts the right ones, and doesn't divide by their number."
    elif near(share(model, train)): cause = ("It is the accuracy on the training images, which are used to validate. "
        "Judge by the validation images.")
    elif near(1-right): cause = "It is the share of the wrong ones."
    elif acc>1: cause = "It is more than 1: a sum over batches? Divide by the number of images."
    else: cause = ("It isn't the accuracy of the model that is returned, on all of the validation images: is it that "
        "of one batch, or from before the end of the training?")
    raise CheckFailed(f"{acc:.4g} as accuracy, where its model has {right:.4g} of the validation images right", cause)

TWICE_LEAST = 1.46 # the least cross-entropy of ten probabilities that are taken for scores

def softmax_twice(steps, out, y):
    "Does the last loss look like the cross-entropy of probabilities, while that of the scores `out` is low?"
    once,twice = (F.cross_entropy(o, y).item() for o in (out, soft(out)))
    return steps and once < 1 < TWICE_LEAST-0.06 < steps[-1].loss and abs(steps[-1].loss-twice)<0.2

def learns_labels(f, train, valid):
    "Does it learn the labels that it is given, 9 minus the digit, from the 3,000 images that it is given, and no 0s?"
    keep = (train[1]<9).nonzero()[:3000,0]
    few,few_valid = (train[0][keep],9-train[1][keep]),(valid[0][:1000].clone(),9-valid[1][:1000])
    before = [o.clone() for o in few+few_valid]
    found = fitted(f, train=few, valid=few_valid)
    if not found: return
    if not all(torch.equal(a, b) for a,b in zip(before, few+few_valid)):
        raise CheckFailed("a model, and changed images or labels",
            "It changes its argument in place, by -=, div_, or the like. Make a new tensor.")
    (model,acc,steps),x,y = found,valid[0][1000:3000],9-valid[1][1000:3000]
    answers,known = counted(model, x, y, columns=10)[1].argmax(1),y>0
    follows,usual,unseen = ((answers==o)[mask].float().mean() for o,mask in ((y,known), (9-y,known), (y,~known)))
    if usual>max(follows, 0.3):
        raise CheckFailed(f"a model that has {usual:.0%} right as usual digits, not as 9 minus the digit",
            "It trains on other data than it is given: those of another cell, or that it loads itself. "
            "Use the arguments.")
    if follows>0.3 and unseen>0.3:
        raise CheckFailed("a model that knows 0s, which only the validation images have",
            "It trains on the validation images. A model that has seen them is flattered by them.")
    if not_zeroed(steps):
        raise CheckFailed("a second batch whose gradients are added to those of the first", "The gradients aren't "
            "zeroed: each batch adds its own to those of all the batches before. Clear them after each step.")
    reported(acc, model, few, few_valid, 0.02)
    return LEARNS

LEARNS,ABOVE = 'a model that learns the labels it is given, and its accuracy','a model above 97%, and its accuracy'
ADVICE = ("It learns, but not enough: more hidden units, more epochs, or a rate that starts larger and gets small "
    "towards the end. (And is the loss a cross-entropy that passes its check?)")

def learns_digits(f, train, valid):
    "Does it get above 97% on all of MNIST?"
    found = fitted(f, train=train, valid=valid, seed=1)
    if not found: return
    model,acc,steps = found
    right,out = counted(model, *valid, columns=10)
    if softmax_twice(steps, out, valid[1]):
        raise CheckFailed(f"a loss of {steps[-1].loss:.2f} in the end, with {right:.0%} right",
            f"Softmax twice: it is applied to probabilities, and then the loss can't get below {TWICE_LEAST}. "
            "Cross-entropy has a softmax inside, so give it scores.")
    if not right>0.97:
        cause = why_weak(Training(steps, model, valid[0], out, right), ADVICE)
        raise CheckFailed(f"a model with an accuracy of {right:.4f}", cause)
    reported(acc, model, train, valid, 0.01)
    return ABOVE

def check_train_digits(train_digits):
    "A model of ten digits from 60,000 images, above 97% on 10,000 others, in a minute at most"
    train,valid = mnist_xy('train'),mnist_xy('test')
    few = ("3,000 training images with labels from 1 to 9 and 1,000 validation images with labels from 0 to 9, each 9 "
        "minus the digit")
    every = "all the images, 60,000 to train and 10,000 to validate"
    trials = [Trial(lambda f: learns_labels(f, train, valid), LEARNS, few, limit=2.5),
        Trial(lambda f: learns_digits(f, train, valid), ABOVE, every, limit=60.)]
    judge('train_digits', train_digits, trials, (), "chapter 07, '`simple_net`, by hand' and '`simple_net` in a "
        "`Learner`'; for the loop chapter 03, '`train_epoch`'")
