"What several exercises share: trials, and the stages of losses, metrics, distances and means over batches"
# A family is a function that builds an answer from its stages, and a dict with the forms of each stage. An exercise
# takes them as they are, or others: `chains(column_loss, COLUMN_LOSS | dict(item=right(squared) + wrong("…", away)))`.
import inspect
from dataclasses import replace
from functools import partial

import torch
from torch.nn import functional as F

from .core import CheckFailed,Problem,Trial,attempt,code_of,same,short
from .inputs import CUT_OFF,NO_SLOPE,randomly,untouched,value_and_slope
from .stages import Form,chains,right,stage,wholes,wrong

# Trials

def in_words(roles): return ', '.join(f'{name} = {short(v)}' for name,v in roles.items())

def given(f, **roles):
    "What `f` returns for copies of these values; fails if it changes them"
    return untouched(f, **roles)[0]

def tried(func, show='', **roles):
    "A trial of a function on copies of these values; `func` is right"
    return Trial(lambda f: given(f, **roles), func(*roles.values()), show or in_words(roles))

def slopes_of(f, names, roles):
    "The gradients of what `f` returns, of a table with random factors, for the roles in `names`"
    def weigh(res): return randomly(res) if res.numel()>1 else res.sum()
    try: res = value_and_slope(f, *names, weigh=weigh, **roles)
    except RuntimeError as e:
        if 'numpy()' not in str(e): raise
        res = None
    if not isinstance(res, tuple) or res[1] is NO_SLOPE:
        raise CheckFailed("a result that backward can't start from", CUT_OFF)
    return res[1:]

def sloped(func, *names, show='', **roles):
    "A trial of the gradients for the roles in `names`, or for the first. It comes behind trials of values."
    names = names or tuple(roles)[:1]
    want = slopes_of(func, names, roles)
    return Trial(lambda f: slopes_of(f, names, roles), want,
        f"the gradient with respect to {' and '.join(names)}, for {show or in_words(roles)}")

def remembered(trial, f, result):
    "A trial on which `f` has given `result` already, and is not run again"
    return replace(trial, run=lambda g: result if g is f else trial.run(g))

def staged(f, first, then):
    "The trials `first`, with `then` after them if `f` is right on those"
    tried = []
    for t in first:
        tried.append(remembered(t, f, attempt(t, f)))
        if isinstance(tried[-1].run(f), Problem): break
    return tried + (then if all(same(t.run(f), t.want, t.tol) for t in tried) else [])

def takes(f, n):
    "Does `f` have `n` arguments or more?"
    return code_of(f) is not None and n <= len(inspect.signature(f).parameters)

LABELS_FIRST = "It takes the labels first. What calls it goes by place, not by name: scores first, then labels."

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
SQUARED = "The distances are squared: it is the mean squared error."
SUMMED = "It takes a sum where it should take the mean."
FIXED_SIZE = "It divides by a fixed number, {}, and not by the number of items."
USUAL_SIZES = 64,256 # of a batch
def by_fixed(total):
    "Forms that divide what `total` gives by the size of a usual batch"
    def form(n): return lambda *args: total(*args)/n
    return [Form(form(n), FIXED_SIZE.format(n)) for n in USUAL_SIZES]
WRONG_WAY = "The two cases are the wrong way round: the loss falls when the answers get worse."
TWO_SIGMOIDS = "The sigmoid is applied twice."
UNSAFE = ("The sigmoid by formula has no gradient far out: exp(100) is infinite, and 0 times infinity is nan. "
    "PyTorch's own is safe.")
ONE_CASE = "Only the {} count: the other case of `where` is missing."

PROBS = stage(torch.sigmoid,
    ("The sigmoid is missing: scores are taken for probabilities.", as_is),
    (TWO_SIGMOIDS, lambda p: p.sigmoid().sigmoid()),
    (UNSAFE, lambda p: 1/(1+(-p).exp())),
    ("There is a threshold in the loss, which makes it an error rate: it has no slope.", lambda p: (p>0).float()),
    ("It is the softmax, over the whole batch, where the sigmoid is wanted.", lambda p: p.softmax(0)),
    ("A softmax over a single column is always 1.", lambda p: p.softmax(-1)),
    ("It is the hyperbolic tangent, which goes from -1 to 1, where the sigmoid is wanted.", torch.tanh))
MEET = stage(lambda p,y: (p, y), (BROADCAST, lambda p,y: (p.flatten(), y), lambda p,y: (p, y.flatten())))
ITEM_LOSS = stage(away,
    (WRONG_WAY, lambda p,y: away(p, 1-y)),
    ("torch.where wants True or False for each item, and labels are numbers: compare them with something.",
        lambda p,y: torch.where(y, 1-p, p)),
    (CROSS_ENTROPY, bce, minus_log),
    (SQUARED, squared), (f"{WRONG_WAY} {SQUARED}", lambda p,y: squared(p, 1-y)),
    (f"{WRONG_WAY} {CROSS_ENTROPY}", lambda p,y: minus_log(p, 1-y)),
    ("Differences keep their sign, so that those of both signs cancel out.", lambda p,y: p-y, lambda p,y: y-p),
    (ONE_CASE.format('3s'), lambda p,y: (y==1)*(1-p)), (ONE_CASE.format('7s'), lambda p,y: (y!=1)*p),
    ("The labels aren't used.", lambda p,y: p+0*y, lambda p,y: 1-p+0*y))
MEAN = stage(torch.mean, lambda v: v.sum()/len(v), (SUMMED, torch.sum),
    ("It returns a number for each item, and no mean is taken.", as_is),
    by_fixed(torch.sum), ("It divides by the number of items twice.", lambda v: v.mean()/len(v)),
    ("The root of the mean is taken, where the mean itself is wanted.", lambda v: v.mean().sqrt()))
SIGN = stage(as_is, ("The sign is wrong: it falls when the answers get worse.", torch.neg))

def column_loss(probs, meet, item, mean, sign):
    def loss(preds, yb): return sign(mean(item(*meet(probs(preds), yb))))
    return loss

COLUMN_LOSS = dict(probs=PROBS, meet=MEET, item=ITEM_LOSS, mean=MEAN, sign=SIGN)
OF_SCORES = dict(probs=right(as_is), item=wrong(CROSS_ENTROPY, with_logits)) # what takes scores and needs no sigmoid
mnist_loss = column_loss(**{name: forms[0].do for name,forms in COLUMN_LOSS.items()})

def column_losses():
    "Causes for a loss that should be `mnist_loss`"
    return [*chains(column_loss, COLUMN_LOSS | OF_SCORES), *chains(column_loss, COLUMN_LOSS)]


# Metrics: answers, and the share of them that are right

def metric(decide, meet, compare, share):
    def f(preds, yb): return share(compare(*meet(decide(preds), yb)), preds)
    return f

def accuracy(preds, yb): return ((preds>0)==yb).float().mean()
def share_of(hits, preds): return hits.float().mean()

COUNTED = "It counts the right ones, and doesn't divide by their number: it takes a sum where it should take the mean."
PERCENT = "It is in percent. A share goes from 0 to 1."
SHARE = stage(share_of, lambda hits,p: hits.sum()/len(hits), (COUNTED, lambda hits,p: hits.sum()),
    by_fixed(lambda hits,p: hits.sum()),
    ("It answers for each item, and no mean is taken.", lambda hits,p: hits, lambda hits,p: hits.float()),
    (PERCENT, lambda hits,p: 100*share_of(hits, p)),
    ("There is no mean of True and False: make numbers of them first, with .float().",
        lambda hits,p: hits.bool().mean()),
    ("It is 1 if all are right, and else 0, as by a whole-number division, //, or a minimum. Take the mean.",
        lambda hits,p: hits.sum()//len(hits), lambda hits,p: hits.float().min()),
    ("It is rounded to so few places that it isn't right any more. Leave that to whoever prints it.",
        *(lambda hits,p,n=n: round(share_of(hits, p).item(), n) for n in (3,2,1,0))))
COMPARE = stage(torch.eq, ("It is the share of the wrong ones: the comparison is reversed.", torch.ne),
    ("It looks at the answers only, and never compares them with the labels.", lambda a,y: a+0*y),
    ("Differences of answers and labels keep their sign, so that one too large and one too small cancel out. Ask "
        "whether they are equal.", lambda a,y: a.float()-y, lambda a,y: y-a.float(),
        lambda a,y: 1-(a.float()-y), lambda a,y: 1-(y-a.float())))

NO_THRESHOLD = "There is no threshold: {} are compared with labels as if they were labels."
COLUMN_ANSWERS = stage(lambda p: p>0,
    ("The threshold of 0.5 belongs to probabilities. Either apply the sigmoid first, or compare raw scores with 0.",
        lambda p: p>0.5),
    ("The threshold of 0 belongs to raw scores: every sigmoid is above 0.", lambda p: p.sigmoid()>0),
    ("The sigmoid is applied twice: what has been through it once is above 0, and comes out above 0.5.",
        lambda p: p.sigmoid().sigmoid()>0.5),
    (NO_THRESHOLD.format('scores'), as_is), (NO_THRESHOLD.format('probabilities'), torch.sigmoid),
    ("Raw scores are rounded, which is no threshold: 2. is no label, and 0.3 becomes 0.", torch.round),
    ("The argmax of a single column is always 0. With one score for each item, compare it with a threshold.",
        lambda p: p.argmax(-1, keepdim=True), lambda p: p.argmax(1)),
    ("The argmax over dim 0 is the place of the item with the largest score, one for the whole batch.",
        lambda p: p.argmax(0)),
    ("The threshold is the mean of the batch, so that an answer depends on the other items.", lambda p: p>p.mean()))
ONLY_3S = "It looks at the 3s only: an answer of 0 to a 7 is right as well."
COLUMN_METRIC = dict(decide=COLUMN_ANSWERS, meet=MEET, share=SHARE,
    compare=stage(COMPARE, (ONLY_3S, lambda a,y: a*(y==1))))

def column_metrics():
    "Causes for a metric that should be the share of raw scores on the right side of 0"
    return wholes(
        ("A yes or no is asked of a whole tensor, as by `if`, `and` and `not`, and by two comparisons without "
            "brackets: `a>0==b` means `a>0 and 0==b`.", lambda preds,yb: preds>0==yb),
        ("It is the loss. The accuracy counts answers.", mnist_loss),
        ("It is 1 minus the loss. The accuracy counts answers.", lambda preds,yb: 1-mnist_loss(preds, yb)),
        ("It divides by the number of 3s, and not by that of all items.",
            lambda preds,yb: ((preds>0)==yb).sum()/yb.sum()),
    ) + list(chains(metric, COLUMN_METRIC))

def soft(p): return p.softmax(1)
def picked(t, y): return t[torch.arange(len(y)),y.flatten()]
def above(p, way, column, threshold): return way(p)[:,column]>threshold

LARGEST = "Ask which column is the largest."
DIGIT_ANSWERS = stage(lambda p: p.argmax(1),
    ("The argmax goes down the columns (dim=0), and says which image has the largest score for each digit. Each row "
        "needs its own answer.", lambda p: p.argmax(0)),
    ("The argmax goes over the whole batch: it is a place among all n×k scores, since dim is missing.", torch.argmax),
    ("It rounds before the argmax, so that close scores become equal and the first of them wins.",
        lambda p: p.round().argmax(1), lambda p: p.long().argmax(1), lambda p: p.sigmoid().round().argmax(1)),
    ("It rounds before the argmax, or asks for more than one half: where no probability is above it, all are 0 and "
        "column 0 wins.", lambda p: soft(p).round().argmax(1)),
    ("A threshold comes before the argmax. The largest score may well be below it, and several above.",
        lambda p: (p>0.5).int().argmax(1), lambda p: (p>0).int().argmax(1)),
    ("A softmax down the columns (dim=0) comes before the argmax, and changes which score of a row is the largest.",
        lambda p: p.softmax(0).argmax(1)),
    ("It takes the smallest score for the answer.", lambda p: p.argmin(1)),
    ("The wrong column: the answers are shifted by one. Column 0 belongs to label 0.",
        lambda p: p.argmax(1)+1, lambda p: p[:,1:].argmax(1)),
    ("It takes the absolute values of the scores: a very negative one counts as large.", lambda p: p.abs().argmax(1)))
DIGIT_TABLES = stage( # an answer for each column, or a score or a yes or no for each row
    (f"Each of the k columns is judged by a threshold, or rounded, and compared with one-hot labels. {LARGEST}",
        lambda p: p>0, lambda p: p>0.5, lambda p: soft(p)>0.5, torch.round),
    ("There is no argmax: scores are compared with one-hot labels as if they were labels.",
        as_is, soft, torch.sigmoid),
    ("It compares the largest scores themselves with the labels. Which column they are in, is the answer.",
        lambda p: p.amax(1), lambda p: soft(p).amax(1)),
    ("It rounds the largest scores and compares them with the labels. Which column they are in, is the answer.",
        lambda p: p.amax(1).round(), lambda p: soft(p).amax(1).round()),
    (f"One column and a threshold are for two classes. {LARGEST}", *(partial(above, way=way, column=c, threshold=t)
        for way,t in ((as_is, 0), (as_is, 0.5), (torch.sigmoid, 0.5), (soft, 0.5)) for c in (0,1))))

def beside(a, y):
    "Answers and labels of one shape; for a table of answers, one-hot labels"
    return a,F.one_hot(y.flatten(), a.shape[1]) if a.dim()==2 else y.flatten()

DIGIT_METRIC = dict(decide=DIGIT_ANSWERS + DIGIT_TABLES,
    meet=stage(beside, ("(n,1) meets (n,), and broadcasting compares every answer with every label. Is there a "
        "keepdim, an unsqueeze or a column?", lambda a,y: (a[:,None], y.flatten()))),
    compare=stage(COMPARE, ("It measures how far apart two digits are as numbers, and a 9 for a 3 is no worse a "
        "mistake than a 4. Ask whether they are equal.", lambda a,y: (a.float()-y).abs(),
            lambda a,y: 1-(a.float()-y).abs(), lambda a,y: 1-(a.float()-y).abs()/9),
        ("An answer within 1 of the label counts as right, and a 3 is no 4. Ask whether they are equal.",
            lambda a,y: (a.float()-y).abs()<=1)),
    share=stage(SHARE, lambda hits,p: share_of(hits.reshape(len(hits), -1).all(1), p),
        ("It divides by the number of columns. Divide by that of rows.", lambda hits,p: hits.sum()/p.shape[1]),
        ("It divides by n×k, the number of scores. Divide by that of rows.", lambda hits,p: hits.sum()/p.numel())))
RIGHT_COLUMN = dict(DIGIT_METRIC, decide=right(as_is), meet=right(lambda p,y: (p, y)), share=SHARE, compare=stage(
    (f"It asks whether the score of the right column is above a threshold. {LARGEST}",
        lambda p,y: picked(p, y)>0, lambda p,y: picked(p, y)>0.5),
    ("It is the probability of the right digit on average, and not the share of right answers.",
        lambda p,y: picked(soft(p), y))))

def digit_metrics():
    "Causes for a metric that should be the share of rows with their largest score in the column of their label"
    return [*chains(metric, RIGHT_COLUMN), *chains(metric, DIGIT_METRIC)]


# Distances, of differences (…,h,w)

MAE = ("It is the mean absolute difference (MAE, also L1): nothing is squared, or the root undoes the squares. "
    "RMSE is: square, average, root.")
CANCEL = "The differences are averaged as they are, so that those above and below 0 cancel out. Square them first."
TOO_EARLY = "The root is taken too early: for each row or column, before the mean of all the pixels."
NO_AXES = "A mean without axes: it averages over the images as well, so that all of them get a single number."
MEASURE = stage(lambda d,mean: mean(d**2).sqrt(), (MAE, lambda d,mean: mean(d.abs())),
    ("It is the mean squared error (MSE): the root is missing.", lambda d,mean: mean(d**2)),
    (CANCEL, lambda d,mean: mean(d), lambda d,mean: mean(d).abs(), lambda d,mean: mean(d)**2),
    ("The root is taken of absolute differences, which should be squared.", lambda d,mean: mean(d.abs()).sqrt()),
    ("It is the standard deviation of the differences, which leaves out how far they are from 0 on average.",
        lambda d,mean: (mean(d**2)-mean(d)**2).sqrt(), lambda d,mean: d.std((-1,-2))))
PIXEL_MEAN = stage(lambda v: v.mean((-1,-2)), (SUMMED, lambda v: v.sum((-1,-2))), (NO_AXES, torch.mean),
    ("It averages over one axis, where there are two to go: rows and columns.", lambda v: v.mean(-1),
        lambda v: v.mean(-2)),
    ("It averages over axis 0, the images. Those should stay, and rows and columns go.", lambda v: v.mean(0),
        lambda v: v.mean((0,1)), lambda v: v.mean((0,2))))
DISTANCE = dict(measure=MEASURE, mean=PIXEL_MEAN)

def root_too_early(d): return [(d**2).mean(axis).sqrt().mean(-1) for axis in (-1,-2)]


# Means over batches, of pairs of a batch's value and its size

def weighed(pairs): return sum(v*n for v,n in pairs)
def items_in(pairs): return sum(n for _,n in pairs)
def values(pairs): return [v for v,_ in pairs]
def at_least(size): return lambda pairs: [(v,n) for v,n in pairs if n>=size(o for _,o in pairs)]

LAST_VALUE = "It is the value of the last batch: each one overwrites the one before."
SMALL_LEFT_OUT = "It leaves out batches that are smaller than the first or the largest, as with drop_last."
WHICH_BATCHES = stage(as_is,
    ("It is the value of the first batch: is there a return inside the loop?", lambda pairs: pairs[:1]),
    (LAST_VALUE, lambda pairs: pairs[-1:]), ("It leaves out the last batch.", lambda pairs: pairs[:-1]),
    (SMALL_LEFT_OUT, at_least(next), at_least(max)),
    (f"{LAST_VALUE} {SMALL_LEFT_OUT}", lambda pairs: at_least(next)(pairs)[-1:]))
OVER_BATCHES = stage(lambda pairs: weighed(pairs)/items_in(pairs),
    ("It is the mean of the batch means, in which an item of a small batch counts for more than the others. The mean "
        "over all items is wanted.", lambda pairs: sum(values(pairs))/len(pairs)),
    ("The batch means are summed, and no mean is taken of them.", lambda pairs: sum(values(pairs))),
    ("It returns a list of batch means: one number is wanted, their mean over all items.", values),
    ("It returns a number for each batch: one for all items is wanted.", lambda pairs: torch.tensor(values(pairs))),
    ("It counts the right ones, and doesn't divide by their number.", weighed),
    ("It divides by the number of batches, not by that of items.", lambda pairs: weighed(pairs)/len(pairs)),
    ("It divides as if all batches were as large as the first.",
        lambda pairs: weighed(pairs)/(len(pairs)*pairs[0][1])),
    ("It divides the sum of the batch means by the number of items.",
        lambda pairs: sum(values(pairs))/items_in(pairs)),
    (PERCENT, lambda pairs: 100*weighed(pairs)/items_in(pairs)))
BATCH_MEANS = dict(which=WHICH_BATCHES, over=OVER_BATCHES)
